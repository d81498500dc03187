import { piiSettingsContract } from './settings.contract.ts'
import { memoryPiiSettings } from './settings.ts'

piiSettingsContract('memory', memoryPiiSettings)
