// The same six logical events through a stock Node client:
// node send.cjs CLIENT HOST KEY USER GROUP AT, with NODE_PATH where the clients are installed.
const [client, host, key, user, group, at] = process.argv.slice(2)
const traits = { name: 'Ann', plan: 'gold' }
const company = { name: 'Acme', industry: 'Retail' }
const rows = { rows: 3, format: 'csv' }
const url = 'https://app.example/docs'
const when = new Date(at)

async function calls (analytics) {
  analytics.identify({ userId: user, traits })
  analytics.group({ userId: user, groupId: group, traits: company })
  analytics.track({ userId: user, event: 'Report exported', properties: rows, timestamp: when })
  analytics.track({ userId: user, event: 'Login' })
  analytics.page({ userId: user, name: 'Docs', properties: { url } })
  analytics.screen({ userId: user, name: 'Main' })
}

const clients = {
  'segment-node': async () => {
    const { Analytics } = require('@segment/analytics-node')
    const analytics = new Analytics({ writeKey: key, host })
    calls(analytics)
    await analytics.closeAndFlush()
  },
  'rudder-node': async () => {
    const module = require('@rudderstack/rudder-sdk-node')
    const Analytics = module.default ?? module
    const analytics = new Analytics(key, { dataPlaneUrl: host })
    calls(analytics)
    await analytics.flush()
  },
  'posthog-node': async () => {
    const { PostHog } = require('posthog-node')
    const posthog = new PostHog(key, { host })
    const groups = { company: group }
    const capture = (event, properties, more) =>
      posthog.capture({ distinctId: user, event, properties, groups, ...more })
    posthog.identify({ distinctId: user, properties: traits })
    posthog.groupIdentify({ groupType: 'company', groupKey: group, properties: company })
    capture('Report exported', rows, { timestamp: when })
    capture('Login')
    capture('$pageview', { $current_url: url })
    capture('$screen', { $screen_name: 'Main' })
    await posthog.shutdown()
  }
}

clients[client]().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
