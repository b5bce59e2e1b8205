"""The bow-tie (蝴蝶漏斗): what becomes of customers after they were won."""
