import type { Hit, Weight } from './kind.ts'
import { hasAny, hasWord, type Marks, patternSteps } from './marks.ts'
import type { Steps } from './steps.ts'

/**
 * Finds paths that climb out of the folder they were meant for, or name what no outsider should read. `expected`: the value is declared to be
 * a path, so one step up or one sensitive file is enough; elsewhere the value must be nothing but a path.
 */
export function path(text: string, hits: Hit[], marks: Marks, expected: boolean, steps: Steps): void {
  const add = (rule: string, match: RegExpExecArray | null, weight: Weight): void => {
    if (match)
      hits.push({
        kind: 'path_traversal',
        detector: `path-${rule}`,
        start: match.index,
        end: match.index + match[0].length,
        weight: expected ? 'certain' : weight,
      })
  }
  if (!hasAny(marks, '/\\.%:~') && !decodedBytes.test(text)) return
  steps.take(3 * patternSteps(text))
  const climbs = text.includes('..')
  if (climbs)
    add(
      'climb',
      /(?:^|[^\w.])\.{2,3}[\\/]{1,4}(?:\.{1,3}[\\/]{1,4}){1,40}[\w.{%]?[^\s'"<>]{0,200}|(?:[\\/]\.{2,3}){2,40}(?:[\\/]|$)[^\s'"<>]{0,200}/.exec(
        text,
      ),
      'certain',
    )
  if (
    climbs ||
    (hasAny(marks, '%') && /%(?:2e|c[01]|u)|\.%/.test(text)) ||
    text.includes('0x') ||
    text.includes('x2e') ||
    rawLead.test(text)
  )
    add('encoded', encodedClimb.exec(text), 'certain')
  if (hasWord(marks, 'sensitive') && (climbs || text.includes('://') || text.includes('\0')))
    add('sensitive', sensitiveAnywhere.exec(text), 'bare')
  // A value without blanks is a path; one with them is only when it is declared so.
  if (!expected && inner.test(text) && !command.test(text) && !/^[\w.-]{1,30}\.\s[a-z]{2,4}$/.test(text)) return
  steps.take(6 * patternSteps(text))
  add('climb', /(?:^|[\\/=:"';])\.{2,400}[\\/]{1,60}[^\s'"<>]{0,200}|[\\/]\.\.(?:$|[\\/;?#])/.exec(text), 'bare')
  add(
    'dots',
    /[\\/]\.{4,200}(?:[\\/]|$|\{)|^\.{4,200}[\\/{]|[\\/]\.\.\.[\\/]|(?:\.[\\/]){4,}|(?:^|[\\/])\.[\\/]{1,3}\.[\\/]{1,3}\.|\.[\\/]{2,4}\.{1,2}[\\/]|[\\/]\.{2,3}(?:[\\/]|$|\{)|^\.{2,3}[\\/{]|^\.\.$|[\\/]{3}\{/.exec(
      text,
    ),
    'bare',
  )
  add('sensitive', sensitive.exec(text), 'bare')
  // A segment that is one letter throughout is there to be cut off with what follows it.
  if (text.length > 150) add('padding', /(?:^|[\\/])([a-z])\1{149}/.exec(text), 'bare')
  add(
    'hidden',
    /(?:^|[\\/])\.(?!well-known|github\b|\.)[a-z0-9_-]{2,20}[\\/](?:[\w-]{1,30}\.(?:ya?ml|json|toml|env|md|aider|ini|cfg|conf)|config|credentials|secrets?|id_\w{2,8})$/.exec(
      text,
    ),
    'bare',
  )
  add(
    'scheme',
    /(?:^|[=:"'\s])(?:file|php|phar|zip|jar|expect|glob|ogg|rar|ssh2|local_file|url:file|compress\.zlib):(?:\/\/|file:|https?:)/.exec(text),
    'bare',
  )
  if (expected) {
    add('home', /^~(?:root|\/\.)/.exec(text), 'certain')
    add('system', /^\/{1,8}(?:etc|boot|root|(?:var\/)?run\/secrets)\/|::\$(?:data|index_allocation)/.exec(text), 'certain')
    add('device', /^\/(?:dev|proc|sys)(?:\/|$)|^\\\\[.?]\\|^\\\\[\w.-]{1,80}\\/.exec(text), 'certain')
  }
}

const decodedBytes = /[\udc80-\udcff]/
/** A blank between two signs that are none. */
const inner = /\S\s+\S/
const rawLead = /[\udcc0\udcc1]/
const command = /^[;|&"'\s]{0,4}[a-z]{1,12}\s\S{1,120}$/
/** Slashes and dots under encodings that no decoder owes us: `0x2e`, overlong and broken UTF-8, `%u` forms. */
const encodedClimb =
  /(?:0x2e|0x5c0x2e|x2e|\.|%2e|[\udcc0\udcc1](?:[.\udcae]|%?[\w]{1,2})?){1,4}(?:0x2f|0x5c|%c[01]%[0-9a-z]{2}|%uf?[0-9a-f]{3}|[\udcc0\udcc1][\x01-\uffff]{1,3})(?:[\w.%{/\\]|$)|(?:0x2e){1,4}|%(?:c[01]|u[0-9a-f]{2})%?(?:[a-z0-9]{2}).{0,3}\.\.|\.\.%|(?:\.\.2f){2}|\.{6}etcpasswd|\.%00|\.\.[\udc80-\udcff]/
const sensitiveAnywhere = /(?:\.\.|(?:file|php):\/\/|\0)[^\s]{0,200}(?:etc[\\/]{1,8}passwd|win\.ini|boot\.ini|web\.xml)/
const sensitive =
  /(?:^|[\\/"'=\s:}])(?:etc[\\/]{1,8}\.?[\\/]?(?:passwd|shadow|group|hosts|issue|sudoers|subuid|subgid|master\.passwd|crontab|fstab|motd|ssh|apache2?|httpd|nginx|mysql|my\.cnf|php|php5|samba|profile|environment|security|rc\.|resolv|ftp|pure-ftpd|proftpd|vsftpd|exports|inetd|lighttpd|redis|syslog|logrotate|network|vhcs2|wu-ftpd|chrootusers)|proc[\\/]{1,8}(?:self|net|sys|version|cmdline|mounts|interrupts|cpuinfo|meminfo|\d+)|sys[\\/]{1,8}class|root[\\/]{1,8}\.|var[\\/]{1,8}(?:log|run|mail|spool|lib|adm|webmin|cpanel)[\\/]{1,8}|usr[\\/]{1,8}(?:local[\\/]{1,8})?(?:etc|apps|apache2?|php\d?|lib[\\/]{1,8}(?:php|cron|security))[\\/]|boot\.ini|win\.ini|(?:wp-)?config[._ ]{0,2}(?:\s|_)?php|settings\.\s?php|\.boto\b|\.ht(?:access|passwd)|\.ssh[\\/]|\.aws[\\/]|\.docker[\\/]|\.(?:bash_|mysql_|sh_)?history|\.git[\\/](?:config|head)|\.env(?:$|[\\/])|web-inf[\\/]|global\.asa|error\.log$|(?:winnt|windows)[\\/]{1,8}(?:system32|repair|win\.ini|php\.ini|debug|panther|system\.ini|temp|my\.ini))|[a-z]:[\\/]{1,8}(?:windows|winnt|boot\.ini|inetpub|xampp|apache|mysql|php|sysprep|documents and settings|program files|users[\\/])|%(?:systemroot|windir|systemdrive)%[\\/]/
