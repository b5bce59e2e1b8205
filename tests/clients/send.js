// The same six logical events through a stock browser client, on a page that has loaded it. They
// are on their way when it returns.
async function send ({ client, host, key, user, group, at }) {
  const traits = { name: 'Ann', plan: 'gold' }
  const company = { name: 'Acme', industry: 'Retail' }
  const rows = { rows: 3, format: 'csv' }
  const timestamp = new Date(at)

  if (client === 'segment-browser') {
    const [analytics] = await AnalyticsNext.AnalyticsBrowser.load({ writeKey: key, cdnURL: host })
    analytics.identify(user, traits)
    analytics.group(group, company)
    analytics.track('Report exported', rows, { timestamp })
    analytics.track('Login')
    analytics.page('Docs')
    analytics.screen('Main')
    return
  }
  posthog.init(key, {
    api_host: host,
    autocapture: false,
    capture_pageview: false,
    capture_pageleave: false,
    opt_out_useragent_filter: true // else it sends nothing from a headless browser
  })
  posthog.identify(user, traits)
  posthog.group('company', group, company)
  posthog.capture('Report exported', rows, { timestamp })
  posthog.capture('Login')
  posthog.capture('$pageview')
  posthog.capture('$screen', { $screen_name: 'Main' })
}
