import { vaultContract } from './vault.contract.ts'
import { memoryVault } from './vault.ts'

vaultContract('memory', (clock) => memoryVault({ clock }))
