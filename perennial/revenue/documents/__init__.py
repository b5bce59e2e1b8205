"""The documents of the revenue commands: rules' results as the JSON that scripts hold on to.

Pure. Amounts are text, half up to 0.01 or p/q; rates are numbers of six decimals; what cannot
be known is null, with a reason beside it. Source: interfaces, revenue files.
(The document of survival is imported from its own file: scipy takes a second to load.)
"""

from perennial.revenue.documents.cohorts import cohorts_document
from perennial.revenue.documents.economics import economics_document
from perennial.revenue.documents.figures import Document, amount_text, rate_number
from perennial.revenue.documents.movements import movements_document, retention_document
from perennial.revenue.documents.renewals import renewals_document
from perennial.revenue.documents.settings import Basis
from perennial.revenue.documents.whatif import whatif_document

__all__ = [
    "Basis",
    "Document",
    "amount_text",
    "cohorts_document",
    "economics_document",
    "movements_document",
    "rate_number",
    "renewals_document",
    "retention_document",
    "whatif_document",
]
