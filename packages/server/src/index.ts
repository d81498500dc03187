export { type Config, ConfigError, readConfig } from './config.ts'
export { createLog } from './log.ts'
export { start } from './main.ts'
export { onlyTenant, openServer, type Server, type ServerOptions, version } from './server.ts'
