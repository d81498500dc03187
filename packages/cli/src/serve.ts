import { start } from '@agentgate/server'

/** Starts the server and stays until it is told to stop. Options win over the environment. */
export async function serve(
  { port, host, data }: { port?: string; host?: string; data?: string },
  env: NodeJS.ProcessEnv,
): Promise<number> {
  return start({
    ...env,
    ...(port !== undefined && { PORT: port }),
    ...(host !== undefined && { HOST: host }),
    ...(data !== undefined && { AGENTGATE_DATA: data }),
  })
}
