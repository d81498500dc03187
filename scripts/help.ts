console.log(`AgentGate: decides for every call of an AI agent whether it should execute now, and leaves evidence.

  ./run demo [--fresh] [--port N] [--data DIR]   install, build and start on http://localhost:3000, with demo users
  ./run dev                                      the server with reload, and the dashboard at the address it prints
  ./run test [NAME] [--coverage]                 every test, one category (unit contract api security integration e2e story), or a room (pii rate_limit approval)
  ./run gate                                     format, lint, types, house check, tests
  ./run pack                                     the SDK as users install it: agentgate-<version>.tgz
  ./run bench [NAME] [--json]                    measure: gate http ledger start crash policy proof evidence
  ./run eval FOLDER [SET] [--json]               measure on corpora: vectors payloads pii secrets streams conversations cedar ...
  ./run mutants                                  break the gate by hand, one way at a time: its tests must notice
  ./run help                                     this
`)
