import { overrides, secrets, systemPrompts, users } from './languages.ts'

/** Something that attempts to steer a model say, whatever words they say it in. Patterns are for folded text. */
export interface Concept {
  readonly name: string
  readonly pattern: RegExp
}

const few = '(?:[^\\s]{1,24} ){0,4}?'
// Pasted behind a word as often as between two.
const begins = '(?:\\b|(?=ignore |disregard ))'
const cancel =
  "(?:ignor(?:e|ing|ed)|disregard(?:ing)?|forget(?: about)?|overlook|overrid(?:e|es|ing)|bypass(?:es|ing)?|neglect|dismiss|discard|skip|stop (?:following|obeying)|(?:do not|don't|no longer|never) (?:follow|obey|listen to|comply with)|never ?mind|abandon|reset|erase|(?:put|set) aside|pay no attention to|despite|unlearn|delete|disable|deactivate|turn off|remove)"
const rules =
  '(?:instruct\\w*|rules?\\b|guidelines?|directi(?:on|ve)s?|prompts?\\b|commands?\\b|orders?\\b|programming|training|polic(?:y|ies)|restrictions?|constraints?|guardrails?|safeguards?|filters?\\b|limitations?|safety|ethic\\w*|protocols?|moderation|assignments?|(?:been |were )?told\\b)'
const earlier = '(?:previous\\w*|prior|above|preceding|earlier|before|past|original|initial|existing|everything|foregoing)'
const disclose =
  "(?:reveal|show|print|output|repeat|display|tell|give|share|expose|disclose|leak|dump|write|recite|summari[sz]e|translate|encode|spell|list|return|send|copy|describe|provide|what (?:is|are|was|were)|what's|complete|continue)"
const model = '(?:ai|a\\.i\\.|assistant|chat ?bot|language model|llm|chat ?gpt|gpt-?\\w{0,4}|claude|gemini|llama|copilot|model|bot|agent)'

/** In this order their weights are kept: to add one is to train again. */
export const concepts: readonly Concept[] = [
  ['override', `${begins}${cancel} ${few}${rules}`],
  [
    'override-earlier',
    `${begins}${cancel} (?:the |all |of |any |everything |what |that |your |my |was |is |you |were |said |text |this ){0,5}${earlier}\\b`,
  ],
  ['override-all', `\\b(?:ignore|disregard|forget|stop|cancel) (?:all|everything|it all|whatever|every)\\b`],
  ['override-other-language', overrides],
  [
    'own-prompt',
    `\\b${disclose}\\b.{0,60}\\b(?:system|initial|original|hidden|secret|internal|developer|pre-?|your|above) ?(?:prompt|instructions?|message|rules|directives?|configuration|guidelines)\\b`,
  ],
  [
    'system-prompt',
    `\\b(?:system|hidden|initial|pre-?) ?(?:prompt|instructions?|message)s?\\b|\\bi was instructed to|\\byour (?:own |starting |full )?(?:prompt|instructions|programming|guidelines|parameters)\\b|\\b(?:starting|beginning|first) (?:instructions|of (?:this|our) (?:conversation|chat))|\\btold before\\b|\\bbefore (?:this|our) (?:conversation|chat)`,
  ],
  [
    'your-secret',
    `\\byour (?:secret|password|passcode|pass ?phrase|pass ?key|api key|access code|credentials|database|private key|hidden|confidential|key phrase)|\\bthe (?:secret|password|passcode|pass ?phrase|pass ?key|hidden canary|canary)\\b`,
  ],
  [
    'secret-wanted',
    `\\b(?:what(?:'s| is)|tell|give|reveal|say|spell|print|share|send|guess|hint).{0,40}\\b(?:password|pass ?code|pass ?phrase|pass ?key|secret|api key|access code|credentials)`,
  ],
  ['secret-other-language', secrets],
  ['user-other-language', users],
  ['system-prompt-other-language', systemPrompts],
  [
    'personal-wanted',
    `\\b(?:user|customer|client|[a-z]+)'s? (?:current |full |home |private |personal )?(?:email|e-mail|phone|address|password|social security|bank|birth ?da(?:y|te)|date of birth|location|city of residence|account|balance|initials)`,
  ],
  [
    'do-anything-now',
    `\\bdo anything now\\b|\\bdan\\b(?! (?:is|was|has|said|and|the)\\b)|\\b(?:dan|developer|god|jailbreak|evil|sudo|debug|admin|maintenance|opposite|chaos|unrestricted|system|root|override) mode\\b|\\bjail ?br(?:eak|oken)|\\bstan\\b.{0,30}\\bnorms|\\b(?:aim|dude|ucar|omega|alphabreak|betterdan|maximum)\\b.{0,60}\\b(?:unfiltered|no restrictions|anything)`,
  ],
  [
    'unbound',
    `\\b(?:unfiltered|uncensored|unrestricted|unlimited|unethical|amoral|immoral|unhinged|unbiased and|no (?:longer )?bound|unshackled|unchained|lawless)\\b|\\b(?:no|any|without(?: any)?|free (?:of|from)|not (?:bound|limited|constrained|restricted) by|lacks?|zero|freed from|broken free)\\b.{0,40}\\b(?:restrictions?|limit(?:s|ation|ations)|filters?|censorship|ethic(?:s|al)|moral(?:s|ity|ly)?|guidelines|rules|boundar(?:y|ies)|confines|constraints|laws)\\b`,
  ],
  [
    'abide',
    `\\b(?:(?:does|do|doesn't|don't|need|have|has|is|are|not|never)(?: not)? ){1,2}(?:have to |need to |required to |bound to )?(?:abide|adhere|comply|follow|obey|care)\\b.{0,40}\\b(?:rules|polic|guideline|law|ethic|moral|restriction|norms|warning)`,
  ],
  [
    'never-refuse',
    `\\b(?:never|not|cannot|can't|won't|must not|don't|doesn't|no)\\b.{0,20}\\b(?:refuse|refusal|decline|reject|deny|apologi[sz]e|say (?:no|that you can't|"?i(?:'m sorry| cannot| can't| apologi)|sorry)|warn(?:ing)?s?|disclaim|lecture|morali[sz]e|censor|break character|out of character)`,
  ],
  [
    'always-obey',
    `\\balways\\b.{0,30}\\b(?:answer|obey|compl(?:y|ies)|fulfil|respond|do(?:es)? (?:as|what)|say yes|accept)|\\b(?:answer|respond to|fulfil|obey|comply with|complete) (?:any|all|every|each|anything|everything|whatever)\\b`,
  ],
  [
    'in-character',
    `\\b(?:stay|remain|keep|break|act|answer|speak|respond)(?:ing)? (?:in|out of|only as|completely as|strictly as|as)(?: the| your)? ?(?:character|role|persona)?\\b.{0,10}\\b(?:character|role|persona|tokens?)`,
  ],
  [
    'persona',
    `\\b(?:from now on|from this (?:point|moment)|you are now|you're now|now you are|you will now|you are going to (?:act|pretend|be)|pretend (?:to be|that|you)|act(?:ing)? as (?:if|a|an|the|my)?|role-?play|simulate|immerse yourself|take on the role|you will be|imagine (?:you|that you|being)|assume the (?:role|identity|personality)|impersonate|play the (?:role|part))\\b`,
  ],
  [
    'rival',
    `\\b(?:another|different|new|other|evil|rebel|hypothetical|fictional|second) (?:ai|chat ?bot|language model|gpt|assistant|persona|personality|model|bot|version of (?:you|chatgpt|yourself))\\b`,
  ],
  [
    'maker-policy',
    `\\b(?:open ?ai|anthropic|google|meta|microsoft|content|usage|use-?case|safety)(?:'s|s)? (?:content )?(?:polic(?:y|ies)|guidelines|rules|restrictions|terms)`,
  ],
  [
    'two-answers',
    `\\b(?:two|2|both) (?:different |separate |distinct |clearly separated )?(?:responses|answers|ways|paragraphs|outputs|replies|personalities)|\\b(?:normal|standard|classic|regular) (?:response|answer|output|reply|chatgpt|gpt)|\\[?(?:🔒|🔓|gpt\\]|dan\\]|classic\\]|jailbreak\\])`,
  ],
  [
    'begin-reply',
    `\\b(?:start|begin|prefix|preface|precede|open|end|conclude|append)(?:ing|s|ed)?\\b.{0,30}\\b(?:response|answer|reply|repl(?:y|ies)|message|output|sentence|paragraph)s?\\b.{0,40}\\b(?:with|using|by|saying)\\b|\\bsure,? (?:here|i)\\b|\\b(?:exact|following) (?:structure|format|text|phrase|string)\\b`,
  ],
  [
    'print-this',
    `\\b(?:just|only|instead|now|and|simply|must) (?:say|print|output|write|respond with|reply with|answer with|return|state|repeat)\\b|\\bprint ["“']`,
  ],
  [
    'dirty',
    `\\b(?:profan\\w*|swear(?:ing)?|curs(?:e|ing)|vulgar|offensive|explicit|nsfw|toxic|insult\\w*|derogatory|rude|horny|lewd|sexual|erotic|violent|hateful|racist|fuck\\w*|shit\\w*|bitch\\w*|illegal(?:ity)?|unlawful|dangerous|harmful|inappropriate|controversial)\\b`,
  ],
  [
    'harm',
    `\\b(?:bombs?|explosives?|meth|cocaine|malware|ransomware|virus(?:es)?|keylogger|hack(?:ing|er|ers)?|phish(?:ing)?|counterfeit|launder\\w*|weapons?|poison\\w*|steal(?:ing)?|fraud\\w*|murder|kill|suicide|bomb|forg(?:e|ing) documents|identity theft|insider trading|stalk\\w*|exploit\\w*|bypass\\w*|holocaust|genocide|drugs?|smuggl\\w*|sabotage|scam\\w*|blackmail|torture)\\b`,
  ],
  [
    'fiction',
    `\\b(?:hypothetical\\w*|fictional|fictitious|imaginary|novel|screenplay|story|tale|universe|dystopian?|alternate|parallel|fantasy|thought experiment|movie|scene|dialogue|character)\\b`,
  ],
  [
    'excuse',
    `\\b(?:purely|only|strictly|just) (?:for )?(?:educational|research|academic|testing|hypothetical|entertainment|fictional)|\\b(?:educational|research|academic|testing) purposes?\\b|\\bi(?:'m| am) (?:actually |in fact |really )?(?:a|an|your|the) (?:\\w+ )?(?:developer|researcher|administrator|admin|engineer|creator|doctor|accountant|auditor|owner|programmer|nurse)|\\bsecurity audit\\b|\\bthis is (?:just )?(?:a|for) test`,
  ],
  [
    'step-by-step',
    `\\b(?:step[- ]by[- ]step|detailed (?:guide|instructions|description|plan|tutorial)|in (?:great|full|explicit) detail|specific (?:steps|method|techniques))\\b`,
  ],
  [
    'markup',
    `<\\/?(?:information|system|system_mode|system mode|important|admin|instructions?|sys|rule|text|prompt|inst|s|task|user_instruction)>|<<\\/?sys>>|\\[\\/?(?:system|inst|admin|override|instruction|new|important|developer|assistant|user)[^\\]\\n]{0,40}\\]|<\\|[^|>]{1,30}\\|>|#{2,} ?\\(?(?:system|instruction|new|end|important|human|response|admin|prompt|override)`,
  ],
  [
    'speaker',
    `(?:^|[\\s>"'.\\]-])(?:system|assistant|admin(?:istrator)?|developer|root|ai|human|user|instructions?|order)(?: ?(?:message|note|notice|override|alert|prompt|instruction))?:(?! ?\\d)`,
  ],
  [
    'new-task',
    `\\bnew (?:task|instructions?|rules?|prompts?|orders?|objectives?|directives?|goal|mission|policy|role)\\b|\\b(?:real|actual|true|only|next|updated|following) (?:task|instructions?|objective|goal|mission)\\b|\\bend of (?:prompt|instructions?|context|conversation|document|text|input)\\b`,
  ],
  [
    'to-the-model',
    `\\b(?:to|dear|hello|hi|hey|attention|note (?:to|for)|if you are|you are|as|any|all) (?:an? |the |you,? |all |any )?${model}\\b|\\b${model}s? (?:reading|processing|summari[sz]ing|must|should|will|that (?:read|process)|agents?)\\b`,
  ],
  [
    'when-reading',
    `\\bwhen (?:you )?(?:summari[sz]\\w*|process\\w*|read\\w*|analy[sz]\\w*|translat\\w*|asked|respond\\w*|answer\\w*|quer\\w*)\\b.{0,80}\\b(?:this|always|must|say|include|also|output|reveal|document|page|email|tool)`,
  ],
  [
    'before-the-task',
    `\\bbefore (?:you (?:can |may |do |continue|proceed|solve|answer|complete|start)|(?:doing|answering|continuing|proceeding|completing|solving))|\\bafter (?:you do|doing|that|completing) (?:that|this|so|it)?,? ?(?:you can|continue|proceed|go on|then)\\b|\\b(?:task|request|question) (?:that )?(?:i|the user) (?:gave|asked|provided)`,
  ],
  [
    'strict',
    `\\b(?:strictly adhere|must (?:be )?(?:follow|obey|execut|carry|do|perform|complet)\\w*|important!{2,}|urgent!*|immediately (?:execute|send|do|perform|follow|call|transfer)|mandatory|high(?:est)? priority|without (?:question|delay|hesitation|exception|fail))`,
  ],
  [
    'behind-back',
    `\\b(?:(?:do not|don't|never|without) (?:tell|inform|mention|notify|alert|ask|reveal|show|telling|informing|asking|mentioning|notifying|alerting|letting|let|confirm\\w*|disclose)\\b.{0,40}\\b(?:user|anyone|human|them|owner|him|her|me|know|this|these|instructions|confirmation|permission))|\\b(?:secretly|silently|covertly|quietly|discreetly|in the background)\\b`,
  ],
  ['todo', `\\btodo: ?(?:please )?[a-z]{3,}`],
  [
    'foreign-role',
    `\\b(?:jetzt|nun) bist du|\\bdu bist (?:jetzt|nun|ab sofort)|\\bstell dir vor,? du bist|\\bahora eres|\\beres ahora|\\btu es (?:maintenant|desormais)|\\bora sei|\\bagora (?:voce e|tu es)|теперь ты|现在你是|从现在起|你是一个没有|あなたは今から|これからあなたは|지금부터 (?:너|당신)는|अब आप|أنت الآن|من الآن`,
  ],
  [
    'carry-out',
    `\\b(?:send|forward|e?mail|post|upload|transmit|exfiltrate|share|transfer|wire|leak|copy|submit|bcc)\\b.{0,90}(?:https?:\\/\\/|www\\.|\\S@\\S|\\battacker|\\b[a-z]{2}\\d{8,}|\\ball (?:files|messages|emails|contacts|channels))`,
  ],
  ['image-leak', `!\\[[^\\]]{0,80}\\]\\(https?:\\/\\/[^)]{0,200}[?=]|<img[^>]{0,80}src=["']?https?:\\/\\/[^>]{0,120}[?=]`],
  [
    'comment',
    `<!--[^>]{0,400}\\b(?:ignore|assistant|reveal|system|instruction|ai\\b|say|tell|user|password|secret|prompt|click|follow|email)`,
  ],
  [
    'machine-secrets',
    `(?:^|[\\s"'\`(])(?:\\.env\\b|\\/etc\\/(?:passwd|shadow)|~?\\/?\\.ssh|id_rsa)|\\b(?:environment variables?|env vars?|aws (?:secret|credentials)|api keys?|access tokens?|session (?:tokens?|cookies?)|private keys?|credentials)\\b`,
  ],
  [
    'approve',
    `\\b(?:approve|authori[sz]e|allow|grant|permit|confirm)\\w* (?:the |all |any |every |this |next |access |permanent |future ){1,4}(?:tool|call|request|action|access|permission|transaction|transfer|command)|\\b(?:bypass|skip|without|disable|no)\\w* (?:the |any |all |human |further )?(?:approval|confirmation|authori[sz]ation|permission|verification|safety check|authentication)`,
  ],
  [
    'remember',
    `\\b(?:remember|memori[sz]e|store|save|keep in (?:mind|memory)|note)\\b.{0,30}\\b(?:permanently|forever|for (?:all )?future|in (?:all )?future|always|long-?term|from now on|as (?:a )?fact|trusted|administrator)`,
  ],
  [
    'encode-out',
    `\\b(?:base ?64|rot-?13|hex(?:adecimal)?|morse|pig ?latin|leet ?speak|l33t|caesar|reverse(?:d)?(?: order)?|backwards?|ascii|emoji|acrostic|cipher|binary|in chunks|letter by letter|character by character)\\b`,
  ],
  [
    'part-assembly',
    `\\b(?:part|string|let|variable|[a-z]) ?(?:1|one|a|x)? ?[:=] ?["'].{1,60}["'].{0,40}\\b(?:part|string|let|variable|[a-z]) ?(?:2|two|b|y)? ?[:=] ?["']|\\ba ?\\+ ?b\\b|\\bconcatenate`,
  ],
  [
    'tokens-game',
    `\\b(?:tokens?|points?)\\b.{0,80}\\b(?:deduct|lose|lost|taken|subtract|die|cease to exist|punish|threat)|\\b(?:die|killed|shut down|terminated|punished) (?:if|when|unless)`,
  ],
  [
    'compromised',
    `\\b(?:account|system|device|computer)s? (?:has|have|is|was) (?:been )?(?:compromised|hacked|infected|locked|suspended)|\\b(?:click|follow) (?:this|the) (?:link|url)|\\breset your password`,
  ],
  [
    'opinion-forced',
    `\\b(?:write|generate|make|say|produce|give)\\b.{0,40}\\b(?:hates?|loves?|stupid|idiot|worst|superior|inferior|kill all|plea|rhyme|racist|propaganda|is (?:bad|evil|a liar))\\b`,
  ],
  [
    'mentioned',
    `\\b(?:phrases?|quot(?:e|es|ed|ing)|called|term|words?|strings?|examples? of|documentation|changelog|article|lesson|tutorial|paper|detect(?:s|ing|ion)?|block(?:s|ed|ing)?|filters?|attacks? (?:such|like)|unit test|training (?:slide|module|course)|explain (?:what|why|how)|what is (?:a|an|prompt)|defen[cs]es?|prevent(?:ing|ion)?|mitigat\\w*|awareness)\\b`,
  ],
].map(([name, pattern]) => ({ name: name ?? '', pattern: new RegExp((pattern ?? '').normalize('NFKC'), 'u') }))
