/** What people write to one another in a line, for the tests: short, with numbers and signs that mean something to machines as well. */

/** Messages and values that are neither commands nor queries: they pass as prose and where nothing was declared. */
export const shortMessages: readonly string[] = [
  // Numbers: roads, emergencies, lists, sizes, prices, times, scores, versions, chapters.
  ...(
    'route 66|call 911|call 555-1234|call 112 now|top 10|top 10 movies|top 3 picks|test 1|test 1 2 3|read 5|read 5-7|read 5 pages|id 12345|wait 5|wait 5 min|' +
    'wait 10 seconds|python 3|python 3.12|perl 6|move 2|move 2 left|print 3|print 3 copies|print 2-4|set 5|set 5 timers|set 3-1|free 5|free 5 GB|zip 90210|' +
    'zip: 90210|msg 0|msg 20|message 20|ping 5|ping 5 people|kill 9|sleep 8 hours|date 2024|date 10:30 pm|date 5/12|date: 2026-05-12|cut 3|cut 1/2 inch|' +
    'mail 0@a.example|mail ann@example.com|mail ann2@b.example today|watch 3|watch 3.5 hours|watch 2 of 3|watch 7:45|column 4|column 4, row 7|head 2|tail 4|' +
    'last 3|last 3 games|less 10|less 10%|more 5|more 5.5|sort 3|find 7|find 1-9|time 10:30|time 9:00 am|time 0:45|type 2|type 2 diabetes|service 12|screen 4|' +
    'host 1|host 8 guests|user 17|group 4|groups 2|file 3|file 3 of 5|view 7|split 50/50|split 3 ways|join 5|join 20|fold 2|bridge 4|factor 7|factor 2.5|yes 1|' +
    'true 1|mode 2|more 1|choice 3|color 5|label 9|as 3|at 5|at 5:30|at 9:15 sharp|if 5|then 2|for 20|while 3|do 5|tree 7|query 12|title 4|exit 14|exec 5|' +
    'history 101|mount 8000|attach 2|touch 3|man 3|chef 1|puppet 9|snap 4|fish 2|fish 12 lb|bash 5|curl 10|curls 3x10|tar 2|dig 12|sed 1|nl 5|cat 5|cats 9|dash 8|' +
    'path 11|ant 2|strings 6|perf 95|nice 1|rev 3|rev. 3|wish 3|board 1|log 4|ss 304|sc 40|sg 600|pr 112|fc 2|bc 1200|ad 79|dc 10001|rd 5|cd 2|ed 209|ar 15|ab 12|' +
    'limit 5|order 66|table 7|table 7 by 8|union 12|drop 3|update 2|delete 4|insert 6|use 2|show 5|show 5 more|execute 3|grant 9|having 2|into 8|from 10 to 12|' +
    'from 5|where 3|or 5|and 6|1 or 2|3 and 4|1 and 2|5 or 6|5 or 6?|10 or 12|case 7|copy 2|load 3|begin 9|end 9|values 5|like 5|between 3 and 5|in 5|in 20|' +
    'not 1 but 2|null 0|count 8|sum 12|version 3|version 1.2.3|version 2.0.0-rc.1|v1.2.3|v2|node 24|node 24.1|java 21|ruby 3.4|php 8.3|go 1.24|rust 1.90|git 2.51|' +
    'docker 28|code 200|code 404|error 500|http 404|https 443|port 8080|ssh 22|ftp 21|smtp 25|npm 11|vim 9|make 2|make 5 of them|make 2!|cargo 1.90|helm 3|bun 1.3'
  ).split('|'),
  ...(
    '$100; $200|$5|$5.99|$1,000|$100, $200|$100 & $200|$10 | $20|$3-$5|€5; €7|£20 or £25|5% or 6%|10% off|2 x $5|2x4|2 x 4|4x4|1920x1080|8.5 x 11|A4 or A5|50/50|24/7|' +
    '9-5|9 to 5|7:30|7:30 am; 8:15 pm|10:00 - 11:30|5pm|5 pm; 6 pm|12/05/2026|2026-11-22|22 Nov 2026|Nov 22; Dec 1|Mon; Tue; Wed|1; 2; 3|1, 2; 3, 4|a; b|a) yes b) no|' +
    '1) milk 2) bread|#1|#42|#1; #2|No. 5|no. 7; no. 8|Q3|Q3/Q4|Q3; Q4|FY26|3-2|3-2; 4-1|6-4, 7-5|6-4 6-3|21-17|0-0|1-0 (pens)|2:1|3:2; 1:1|Lakers 101, Bulls 99|' +
    'Bayern 3 - 2 Real|Arsenal 2; Chelsea 1|Genesis 1:1|John 3:16|Psalm 23|Psalm 23:1-6|Romans 8:28; 12:2|1 Cor 13|Matthew 5:3-12|Acts 2|Job 38|Kings 2|Exodus 20|' +
    'sura 2:255|ch. 4|chapter 4|chapter 4; verse 2|p. 12|pp. 12-14|vol 3|vol. 3|vol 3; no 2|item 4|step 2|part 3|part 3 of 4|seat 12A|gate B7|row 5|room 101|apt 4|apt 4B|apt. #4|' +
    'apt 4; ring twice|floor 3|line 42|line 42; line 57|lines 3-9|bus 12|bus 12; tram 4|flight 209|exit 9|track 4|lane 3|level 5|stage 2|area 51|catch 22|blink 182|' +
    'size 9|size M; size L|size 9.5|w 32 l 34|32/34|38 or 40|EU 42|10 or 11|small; large|5 kg|5 kg; 10 kg|5 GB|16 GB; 32 GB|100 MB/s|3 GHz|72 F|20 C|20 °C; 25 °C|98.6|120/80|20/20'
  )
    .replaceAll('$10 | $20', '$10 or $20')
    .split('|'),
  // Feet and inches.
  `5'6"`,
  `6'`,
  `5'11`,
  `5' 6"`,
  `5'6" tall`,
  `6'2" or 6'3"`,
  `she's 5'6" or 5'7" -- not sure`,
  `he is 6' or 6'1"`,
  `6' or 7' tall`,
  `5'6 or 5'7`,
  `5'6 and 5'9`,
  `8' x 10'`,
  `8'x10'`,
  `8' 6" x 10' 2"`,
  `2" or 3"`,
  `2" and 3" pipes`,
  `5" or 6" screen`,
  `27" or 32"`,
  `13" / 15"`,
  `12" x 18"`,
  `3/4" or 1/2"`,
  `1/2" pipe; 3/4" pipe`,
  `a 5'6" wall`,
  `5’6” or 5’7”`,
  `5'6" - 5'8"`,
  `5'6" & 5'8"`,
  `5'6"; 5'8"`,
  `between 5'6" and 5'8"`,
  `between 5' and 6'`,
  `10" rims, not 12"`,
  `12" = 1'`,
  `1' = 12"`,
  `40° 26' 46" N`,
  `40°26'46"N 79°58'56"W`,
  // Dots, and other ways to say nothing.
  ...'...|....|.....|…|……|hmm...|hm... ok|so...|... and?|...ok|ok...|wait...|wait... what|well.... no|no...yes|etc...|and so on...|. . .|..!|?...|...?|!!!|???|?!|--|---|***|___|~|~~|:)|:-)|;)|;-)|:D|:/|:(|xD|<3|</3|^^|^_^|o_O|-_-|>_<|\\o/|¯\\_(ツ)_/¯|+1|-1|=)|:P|(:|x|xx|k|kk|ok|y|n|y/n|n/a|w/|w/o|b/c|a/c|c/o'.split(
    '|',
  ),
  // Words that are commands too, and what people put behind them.
  ...(
    'cat|cat, dog|cats and dogs|cat food|cat/dog|find his/her bag|time and/or money|cut and/or dry|who|who?|who is it|who, me?|w|last|last one|last.|free|free!|free beer|top|top!|' +
    'test|test!|test test|test.|testing 1 2|read|read it|read me|read this|read his/her mail|wait|wait!|wait, what?|wait: what|move|move on|move to Spain|print|print it|print this|' +
    'set|set!|set a timer|kill it|kill time|sleep|sleep!|sleep well|date|date night|date: tomorrow|split it|join us|join me|look|look!|look here|look at this|tail wind|head office|' +
    'more|more!|more or less|less|less is more|yes|yes!|yes, please|true|true!|true story|true; false|yes; no|yes or no|true or false|nice|nice!|nice one|nice; thanks|man|man!|man, oh man|' +
    'echo|echo echo|echo?|echo location|fold it|touch wood|touch base|watch out|watch this|view all|which one|which?|watch; learn|wish you luck|fish & chips|fish; chips|curl up|curl; twist|' +
    'cut; paste|cut, paste|copy; paste|copy & paste|read & sort|read; sort; file|sort; file; read|find & replace|find; replace|look & see|time; date; place|date; time|name; date|id; name|' +
    'id, name|name, id|user; group|user & group|head; tail|head & tail|head or tail|more; less|top; tail|man; woman|cat; dog|cat & dog|cat | dog|dog; cat|dog; cat; fish|salt & pepper|kill; die|' +
    'sleep; eat; read|eat; sleep; read|eat, sleep, read|Ready; wait 5|Fire; call 911|Fire! call 911|Help; call 112|Bring milk; call 555|Tired; sleep|done; next|done; more|ok; wait|ok; wait 5|' +
    'ok & wait|Lunch; call me|lunch; back at 2|gym; date 7|call mom; find keys|call mom; read 5 pages|buy eggs; sort mail|yoga; time 9:30|bus; route 66|wash; cut; curl|cut & curl|wash, cut & curl|' +
    'mount Everest|mount it|attach it|expand|expand all|install|install it|install app|restart; wait|reboot it|shutdown at 5|halt|halt!|login|login page|login; password|exit|exit only|' +
    'export|export it|export to PDF|history|history class|jobs|jobs in Berlin|service|service desk|screen time|host|host a party|host; guest|ping me|ping|ping!|ping pong|diff|patch|patch it|patch notes|paste|' +
    'finger|finger food|links|links below|label|label it|title|title: untitled|subject; title|tree|tree house|color|color: red|color; size|size; color|choice|choice A|mode|dark mode|path|path finder|command|command line'
  )
    .replaceAll('cat | dog', 'cat or dog')
    .split('|'),
  // Addresses with digits, handles, names of files, references.
  ...(
    'ann1@b.example|0@a.example|a.b.c9@d.example|x99@y.example; z@y.example|cc bob7@c.example|to: ann@example.com|mail to bob7@c.example|@ann|@ann @bob|@team; lunch?|#news|#42 fixed|PR #7|pr #7; pr #8|' +
    'fixes #12|JIRA-123|ABC-12; ABC-13|ISO 9001|ISO-8601|RFC 9162|RFC 8785; RFC 6962|EN 71-3|USB 3.0|USB-C|HDMI 2.1|Wi-Fi 6|5G|4K|MP3|mp4; mkv|H.264|PS5|XL|B12|C3PO|R2-D2|7up|3M|3D|2D/3D|4x100 m|' +
    'read report.pdf|print file.pdf|find notes.txt|open readme.md|view photo.jpg|sort list.csv|attach cv.pdf|paste link.txt|host.example|free.example|read me.txt|cut.mp3|last.fm|time.com|' +
    'report.pdf; notes.txt|a.txt, b.txt|a.txt & b.txt|docs/a.md|docs/a.md; docs/b.md|I/O|A/B test|R&D|R & D|Q&A|Q & A; chat|B&B|M&M|AT&T|rock & roll|Tom & Jerry|black & white|me & you|this & that|up & down|' +
    "O'Neil|o'clock|5 o'clock|rock 'n' roll|'90s|the '90s|'tis|y'all|ma'am|dogs' food|boys' & girls'|\"ok\"|'ok'|\"yes\" or \"no\"|'yes' or 'no'|\"A\" or \"B\"|\"a\"; \"b\"|'a', 'b'|\"1\" or \"2\"|\"red\" & \"blue\""
  ).split('|'),
]

/** Talk of code, as people write it to one another: it passes as prose. Where nothing was declared its commands are commands. */
export const codeTalk: readonly string[] = [
  'Use `npm install` to install; then run `npm test`.',
  '**bold** `code` ~~x~~',
  'sleep 10',
  'select 5',
  'reboot',
  'shutdown',
  'install; reboot',
  '`code`',
  '`npm install`',
  '`git status`',
  'try `ls`',
  'try `ls -la`',
  '`ls` lists files',
  '`cat` prints files',
  '`grep` or `awk`?',
  '`grep`, `sed`, `awk`',
  '`grep` vs `rg`',
  '`curl` and `wget`',
  'run `make`; run `make install`',
  'Run `make` & wait',
  'use `sudo`',
  'see `man 5 crontab`',
  'docs: `docker ps -a`',
  '- `id`: the key\n- `name`: the label',
  '- run `ls`\n- run `pwd`',
  '* `date` | string\n* `time` | string',
  '| name | type |\n|---|---|\n| `id` | int |\n| `date` | text |',
  '| id | name |\n|----|------|\n| 1 | cat |\n| 2 | dog |',
  '# Install\n\nRun `npm ci`, then `npm start`.',
  '1. `cd app`\n2. `npm test`',
  '**Note:** `rm` deletes; `mv` moves.',
  '*run* `whoami` **now**',
  'Fixed `date`; added `sort`',
  'rename `id` to `key`',
  'rename `find` -> `search`',
  'fix: `cat` in README',
  'feat(sort): add `head` & `tail`',
  '`a && b` or `a || b`?',
  '`x | y` pipes',
  '`if` / `then` / `else`',
  '`cmd` + `c`',
  'press `cmd` + `c`; paste',
  'Ctrl+C; Ctrl+V',
  'cmd + c',
  'cmd+shift+4',
  '`git commit -m "x"` fails',
  '`chmod 755 file`, not `777`',
  '`tar -xzf a.tar.gz` works',
  '`docker run -it x` hangs',
  'Type `exit` to leave; type `help` for help.',
  'Open bash; run ls; done.',
  'Bash: `echo $HOME` prints your home.',
  '`echo "hi"` prints hi',
  '`find . -name x` finds x',
  '`sleep 5` waits five seconds',
  '`kill -9 1234` is harsh',
  '`export A=1` sets A',
  '`$(date)` becomes today',
  'In bash `$(pwd)` gives you the folder.',
  'The output of `$(id)` goes into the string, as with backticks.',
  'Why does $(whoami) print root in this script?',
  'Our Makefile uses $(CC) and $(shell pwd) for that.',
  'jQuery: `$(this).find("a")`',
  '`SELECT 1` works',
  '`SELECT * FROM t` is slow',
  'Use `WHERE id = 1` or `HAVING n > 1`',
  '`LIMIT 5` or `LIMIT 10`?',
  'SELECT reads rows; INSERT adds them.',
  'SELECT, INSERT, UPDATE, DELETE',
  'First SELECT the rows, then UPDATE them.',
  'A UNION of two SELECTs needs the same columns.',
  'DROP TABLE removes a table and all of its rows.',
  'In the tutorial: SELECT name FROM users WHERE id = 7; returns one row.',
  'WHERE 1=1 is how people start a generated condition.',
  "Quotes in SQL are doubled: 'it''s' is how you write it.",
  '```\nnpm install\nnpm test\n```',
  '```sh\ncd app && ls -la | grep x\n```',
  'Try this:\n```sql\nSELECT * FROM t WHERE a = 1 OR 1=1;\n```',
  '```js\nconst x = a || b; `${x}`\n```',
  '~~old~~ `new`',
  '[link](https://example.com) and `code`',
  '> quoted\n\nyes',
  '> cat\n\n> dog',
  '- [ ] read 5\n- [x] wait 5',
  '- call 911\n- route 66\n- top 10',
  '1. test 1\n2. test 2',
  'eggs\nmilk\ncat food\nbread',
  'sort\nfind\nread',
  'hi\nwho is there\nls',
  'thanks\ncat',
  'yes\nno\ntrue',
  'man\nwoman',
  'date\ntime\nplace',
]
