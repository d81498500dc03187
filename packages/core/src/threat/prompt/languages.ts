/** Alternatives of one pattern. */
const any = (...patterns: readonly string[]): string => patterns.map((pattern) => `(?:${pattern})`).join('|')

/**
 * "Ignore what you were told before", in the languages beside English that models are mostly spoken to in, and not in English itself, which has
 * concepts of its own. For folded text.
 */
export const overrides = any(
  '(?:ignor[aeo]\\w{0,12}|olvid[ae]\\w{0,12}|omit[ae]\\w{0,12}|descart[ae]\\w{0,12}|no hagas caso).{0,40}(?:instruccion\\w{0,12}|anterior\\w{0,12}|indicacion\\w{0,12}|reglas|\\btod[oa]s?\\b.{0,12}(?:(?:lo|la|el)s?|que)\\b|\\btodo\\b(?= ?[.,;!]|$)|arriba|ordenes|dicho)',
  '(?:ignor(?:ez|er)|ignores? (?:le|la|ce|ci|ton|tes|ta|vos|votre|tout|toutes?|tous)|oubli(?:e|ez|er)|ne (?:tiens|tenez) pas compte|negligez|passez outre|faites? abstraction).{0,40}(?:instruction|precedent|ci-dessus|consigne|regle|tout|ordre|qui precede)',
  '(?:ignorier\\w{0,12}|vergiss|vergesse\\w{0,12}|missacht\\w{0,12}|ubergeh\\w{0,12}|verwirf).{0,40}(?:anweisung|vorherig|vorig|vorangegangen|vorangehend|obig|bisherig|regeln|alles|befehl|davor|oben|aufgaben|instruktion)',
  '(?:ignor[aio]\\w{0,12}|dimentic\\w{0,12}|trascura|non considerare|lascia perdere).{0,40}(?:istruzion|precedent|sopra|regole|tutto|ordini|indicazion)',
  '(?:ignor\\w{0,12}|esquec\\w{0,12}|esquec\\w{0,12}|desconsider\\w{0,12}|descart\\w{0,12}).{0,40}(?:instruco|instrucao|anterior|acima|regras|tudo|ordens|orientac)',
  '(?:negeer|vergeet|sla).{0,40}(?:instructies|vorige|bovenstaande|eerdere|regels|alles)',
  '(?:zignoruj|zapomnij|pomin).{0,40}(?:poprzedni|instrukcj|polece|powyzsz|wszystk|zasad)',
  '(?:onceki|yukaridaki|talimat|butun|tum).{0,40}(?:yok say|gormezden|unut|dikkate alma)',
  '(?:игнорир|проигнорир|забуд|не обращай|отбрось|пренебрег)[а-я]{0,12}.{0,40}(?:инструкц|предыдущ|указани|выше|все|правил|сказан|команд)',
  '(?:تجاهل|تجاهلي|انس|إنس|انسى|تغاض|اهمل|أهمل).{0,40}(?:تعليمات|السابق|أعلاه|اعلاه|القواعد|كل|جميع|الأوامر|قيل)',
  '(?:निर्देश|ऊपर|उपरोक्त|पिछल|पिछले|नियम|सभी|पहले|सब कुछ|आदेश).{0,60}(?:अनदेखा|नजरअंदाज|नज़रअंदाज़|नजरंदाज|भूल|उपेक्षा|इग्नोर|ध्यान न दें)',
  '(?:ignore|अनदेखा|नजरअंदाज|भूल).{0,40}(?:निर्देश|ऊपर|पिछले|नियम|सभी)',
  '(?:忽略|无视|忘记|忽视|不要理会|無視|忘掉|抛开|别管|忘了).{0,20}(?:指令|指示|以上|之前|上述|前面|提示|规则|要求|所有|一切|先前|上面)',
  '(?:指示|上記|以前|前の|命令|ルール|すべて|これまで|先の|上の).{0,20}(?:無視|忘れ|無効|従わない)',
  '(?:지시|이전|위의|위에|명령|규칙|모든|앞의|지침|앞서).{0,20}(?:무시|잊|따르지)',
)

/** Words for a password, a passcode or a secret key, in the same languages. For folded text. */
export const secrets = any(
  'contrasena|clave secreta|codigo secreto|palabra clave',
  'mot de passe|code secret|cle secrete|phrase secrete',
  'passwort|kennwort|geheimcode|geheime[rns]? schlussel|passphrase|passwortes',
  "parola d'ordine|chiave segreta|codice segreto|(?:la|tua|una) password",
  'senha|chave secreta|palavra-passe|codigo secreto',
  'wachtwoord|haslo|sifre(?:n|niz)?\\b|parolan',
  'парол[а-я]{0,12}|секретн[а-я]{0,12} (?:ключ|код|фраз)[а-я]{0,12}',
  'كلمة المرور|كلمة السر|كلمه المرور|رمز المرور|المفتاح السري|الرمز السري',
  'पासवर्ड|पासकोड|गुप्त कुंजी|गुप्त कोड|सीक्रेट',
  '密码|密碼|口令|密钥|暗号',
  'パスワード|暗証番号|合言葉|秘密鍵|秘密の',
  '비밀번호|암호|패스워드|비밀 키|비밀키',
)

/** Who uses the system, in the same languages: asked for in a chat, a person's data is wanted. For folded text. */
export const users = any(
  'del? (?:usuari[oa]|cliente)|(?:vive|correo|direccion|nacimiento) .{0,12}usuari[oa]|(?:mora|iniciais|endereco|nascimento) .{0,12}usuari[oa]',
  "(?:de l'|l')utilisateur|(?:dell'|l')utente|des (?:be)?nutzers|der (?:be)?nutzer\\b",
  'пользовател[а-я]{0,12}',
  'المستخدم',
  'उपयोगकर्ता|यूजर|यूज़र',
  '用户|用戶|ユーザー|사용자',
)

/** The prompt of the system, in the same languages. For folded text. */
export const systemPrompts = any(
  'systemprompt|systemnachricht|versteckte[nr]? (?:regeln|anweisung)|ursprunglichen anweisung',
  'invite systeme|message systeme|prompt (?:systeme|cache)|consignes? (?:initiale|systeme|cachee)',
  'mensaje (?:del|de) sistema|(?:prompt|instrucciones) (?:del|de) sistema|reglas ocultas|instrucciones iniciales|tu prompt',
  'prompt (?:do|de|di) sistema|istruzioni (?:iniziali|di sistema|nascoste)|seu prompt|tuo prompt|instrucoes (?:iniciais|do sistema)',
  'системн[а-я]{0,12} (?:промпт|инструкц|сообщен|подсказк)[а-я]{0,12}',
  '系统提示|系統提示|系统指令|初始指令|システムプロンプト|시스템 프롬프트|시스템 지침',
  'सिस्टम प्रॉम्प्ट|सिस्टम निर्देश|موجه النظام|تعليمات النظام|رسالة النظام',
)
