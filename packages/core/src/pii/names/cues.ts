import { fold } from './fold.ts'

/** General knowledge of how English texts speak of people, places and organisations. Folded words. */
const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/).filter((word) => word !== ''))
const phrases = (list: string): ReadonlySet<string> =>
  new Set(
    list
      .split(/[,\n]/)
      .map((each) => fold(each.trim()))
      .filter((each) => each !== ''),
  )

export const honorifics = set(`mr mrs ms miss mister dr doctor prof professor sir madam lady lord dame rev reverend fr father sister
  brother hon judge justice capt captain col colonel gen general lt lieutenant sgt sergeant maj major officer detective inspector
  president senator congressman congresswoman governor mayor chancellor minister ambassador secretary king queen prince princess
  pope bishop cardinal saint herr frau monsieur madame mademoiselle senor senora señorita signor signora don dona sheikh uncle aunt
  grandpa grandma coach chef nurse comrade emperor empress duke duchess count baron baroness`)

export const afterNames = set('jr sr ii iii iv md phd dds esq mba cpa dvm rn pe dmd')

export const particles = set(
  'de der den van von del della di da do dos das du la le el al bin ibn ben abu ter ten af av zu zum y e und of auf sur sous les pod nad pri en aux upon op aan s/ a/',
)
/** Those of the particles that names of people take. */
export const nobiliary = set('de der den van von del della di da do dos das du la le el al bin ibn ben abu ter ten af av zu y')

export const kin = set(`mother father mom mum dad brother sister son daughter husband wife spouse partner fiance fiancee boyfriend
  girlfriend friend uncle aunt cousin nephew niece grandmother grandfather kid child baby boss colleague coworker neighbor neighbour
  roommate patient client customer employee manager teacher student doctor lawyer attorney agent director actor actress singer
  songwriter author writer poet producer musician guitarist drummer composer painter artist player striker goalkeeper coach founder
  founders cofounder ceo cto cfo chairman chairwoman chair president senator spokesman spokeswoman analyst reporter journalist editor
  host guest speaker candidate captain resident tenant landlord applicant witness suspect victim defendant plaintiff beneficiary
  commenter named called nicknamed name names surname`)

/** How much a word speaks for a person, a place and an organisation. */
export type Leaning = readonly [person: number, place: number, organisation: number]

function leanings(table: string): ReadonlyMap<string, Leaning> {
  const found = new Map<string, Leaning>()
  for (const line of table.split('\n')) {
    const [words, person, place, organisation] = line.split('|')
    if (organisation === undefined) continue
    for (const word of (words ?? '').trim().split(/\s+/)) found.set(word, [Number(person), Number(place), Number(organisation)])
  }
  return found
}

/** What stands right before. */
export const before = leanings(`
  in inside throughout                                                  |-0.3 |1.3 |0.2
  from                                                                  |0.2  |1.0 |0.4
  to                                                                    |0.3  |0.6 |0.2
  at                                                                    |0    |0.6 |0.7
  near around outside across toward towards via through                 |0    |1.0 |0.1
  into within over                                                      |0    |0.6 |0.1
  visit visiting visited leaving reach reached enter entered toured     |0.2  |1.2 |0.2
  downtown southern northern eastern western central greater upper      |-0.5 |1.4 |0.2
  city town village county state country province region district republic capital|-0.3|1.2|0.2
  by                                                                    |0.9  |0.2 |0.3
  with for about of                                                     |0.5  |0.2 |0.3
  and or                                                                |0.4  |0.2 |0.2
  hi hello hey dear thanks thank bye goodbye sorry regards sincerely cheers|1.4|0  |0
  i'm                                                                   |1.2  |0   |0
  is was                                                                |0.6  |0.2 |0.1
  name names named called nicknamed surname christened                  |1.6  |0.1 |0.1
  call calls calling meet met ask asked tell told invite invited remember introduce introduced contact|1.0|0.1|0.2
  said says replied wrote explained added                               |1.2  |0   |0.1
  early late young old former                                            |0.5  |0   |0.1
  him her them me us                                                    |0.9  |0   |0
  directed written produced starring featuring feat ft starred          |1.2  |0   |0.2
  married dating hired fired interviewed loves loved knows knew saw      |0.9  |0.1 |0.2
  unlike like than but because that if when while                        |0.5  |0.1 |0.1
  joined join acquired founded company firm startup employer             |0.1  |0   |1.6
  a an                                                                  |0.3  |-0.2|-0.1
  the                                                                   |-0.4 |0.3 |0.6
  const let var class extends function import def struct enum package interface implements namespace typedef new void static throw|-2|-2|-2
  my your his her our their                                             |-0.2 |-0.2|-0.3
`)

/** What stands right after. */
export const after = leanings(`
  said says told asked replied wrote explained believes thinks thought smiled laughed shouted whispered cried argued claimed admitted|1.5|0|0.3
  born died married lives lived loves loved sang sings graduated who whose |1.2 |0 |0
  is was has had will would can could should does did                   |0.4  |0.1 |0.2
  listed shot starred plays played grew studied retired worked works began spent shouted listens|0.9|0|0.2
  speak speaks speaking talks talking sings                             |0.7  |0   |0
  announced acquired launched released headquarters employees shares stock founded invested|0.1|0|1.4
  website office offices songwriter spokesman spokesperson spokeswoman executive executives customers|0.2|0.1|1.3
  orchestra                                                             |0    |0.2 |1
  concert concerts novel novels album albums song songs fan fans version movie film|0.7|0|0.3
  street st road avenue ave                                             |-0.6 |-0.2|-0.6
  border government army police leader president parliament bridge      |-0.2 |0.8 |0.2
`)

/** Labels of fields, before a colon or as the name of a field. */
export const labels = leanings(`
  name names user customer client patient contact author from to attn attention recipient sender employee manager passenger guest owner cc bcc signed founders founder members member authors speakers speaker guests directors starring cast winner winners fullname firstname lastname surname assignee reporter director by husband wife buyer seller tenant witness|2|0.2|0.2
  city town country state province region location where place origin destination birthplace nationality hometown|0|2|0.1
  company employer organization organisation org business firm bank vendor supplier publisher school university institution|0.1|0|2
`)

export const placeEnds = set(`city county island islands river lake bay valley beach park heights falls springs province state republic
  mountains mountain hills hill desert peninsula harbour harbor coast district borough village township forest canyon creek ridge
  gulf ocean sea strait archipelago region territory territories kingdom federation emirates canton oblast shire bridge airport
  station square plaza palace castle cathedral stadium arena zoo`)
export const placeStarts = set(`mount lake cape fort port san santa santo sao saint st ste new north south east west lower upper los
  las el puerto villa monte isle isla great little nova novo novi nizhny bad sankt ile val mont point cite cité stary nowy velky
  nova stara hameau`)

export const orgEnds = set(`bank university college institute foundation association orchestra group holdings partners systems
  technologies technology solutions software labs laboratories media airlines airways motors records press agency ministry department
  committee council commission church school schools hospital museum party union club team society company companies networks network
  capital insurance energy health healthcare financial services consulting pharmaceuticals industries industry corporation
  federation league authority bureau administration board court parliament congress senate army navy police times post journal
  magazine tribune herald gazette news studios pictures entertainment productions theatre theater ensemble philharmonic symphony
  brothers bros sons associates enterprises international global analytics ventures logistics electronics semiconductor telecom
  wireless mobile communications airlines railways clinic center centre trust fund academy library archives project initiative
  alliance coalition campaign program programme office registry exchange market markets stores store shop supermarket brewery
  winery hotels hotel resort realty properties construction engineering robotics biosciences biotech therapeutics genomics oil gas
  petroleum mining steel chemical chemicals foods beverages apparel data cloud software.com fc afc sc united rovers wanderers`)
export const orgSuffix = set(`inc incorporated ltd limited llc llp lp plc corp corporation co gmbh ag kg ohg kgaa sa sas sarl spa srl
  bv nv ab as asa oy oyj aps sl sro doo kft zrt ooo oao pty pte bhd kk pvt se ev eg plc gbr mbh unlimited`)
export const orgOf = set(
  'university bank ministry department institute church college school museum house bureau office board council federation association society union league',
)
/** What things end with that are called after people, or sound so: laws, methods, programs, parts of programs, dishes. */
export const thingEnds = set(`theorem lemma conjecture algorithm formula equation equations function distribution process machine model
  models chain law effect method test principle constant transform series paradox scale number numbers syndrome disease diet salad
  sandwich benedict sauce carbonate chloride oxide acid ci cd api apis ui ux sdk ide db os js ai ml io sql stack router routers
  framework library compiler runtime server servers service services cluster container containers pipeline pipelines plugin
  plugins engine browser editor native material script scripts query queries boot chart charts button page pages tab menu
  settings dashboard complete state secret prize award awards cup bowl trophy code standard protocol format pattern patterns
  academy simulation regression sort search tree graph index filter kernel vector matrix`)

/** Programs, brands and characters that everybody knows and that are called like people, folded. */
export const knownThings =
  phrases(`ruby, django, jenkins, apache kafka, apache cassandra, apache spark, travis ci, circle ci, mercedes benz, alfa romeo, aston
  martin, victoria's secret, victoria secret, papa john's, papa john, carl's jr, wendy's, monte carlo, navy, jeeves, harry potter, sherlock holmes, mongodb
  atlas, maven, gradle, kafka, cassandra, redis, jasmine, karma, mocha, jest, cypress, selenium, julia, pascal, haskell, ember, angular,
  flask, celery, alexa, siri, cortana, claude, gemini, bard, copilot, watson, jira, trello, confluence, grafana, terraform, ansible, puppet,
  chef, vagrant, jupyter, pandas, ada, scala, kotlin, elixir, clojure, erlang, perl, rust, swift, hadoop, airflow, kibana, logstash,
  prometheus, istio, envoy, consul, nomad, vault, bootstrap, tailwind, gatsby, hugo, jekyll, drupal, joomla, magento, shopify, stripe,
  figma, notion, slack, zoom, canva, jordan shoes, ralph lauren, calvin klein, tommy hilfiger, michael kors, kate spade, christian dior, yves saint
  laurent, jack daniel's, johnnie walker, jim beam, ben & jerry's, uncle sam, santa claus, mickey mouse, donald duck, james bond, captain
  america, peter pan, robin hood, winnie the pooh, brooks brothers, levi strauss, jimmy choo, marks & spencer, marks and spencer`)

export const workWords = set(
  'work works worked working employed hired intern interned consultant employee job ceo cto cfo founder cofounder director president manager vp head chairman',
)

/** Words that say where in a land: they are no part of its name. */
export const directions = set(
  'southern northern eastern western central southeastern southwestern northeastern northwestern mid former ex early late young old',
)

/** What streets end with. */
export const streetEnds = set(
  'street st road rd avenue ave lane ln drive dr boulevard blvd court place square terrace way turnpike crossroad crossroads highway route freeway mall coves harbors forge forges squares alley trail path',
)

/** Organisations that everybody knows, folded. */
export const knownOrgs = phrases(`microsoft, google, apple inc, amazon, facebook, meta platforms, netflix, ibm, intel, oracle, cisco,
  nvidia, samsung, sony, toyota, honda, nissan, mazda, subaru, mitsubishi, hyundai, kia, volkswagen, bmw, audi, mercedes-benz, porsche,
  ferrari, general motors, chrysler, tesla, volvo, renault, peugeot, fiat, boeing, airbus, lockheed martin, general electric,
  siemens, bosch, philips, nokia, ericsson, huawei, xiaomi, lenovo, dell, hewlett-packard, hewlett packard, adobe, salesforce, sap, twitter,
  linkedin, youtube, instagram, whatsapp, tiktok, snapchat, reddit, pinterest, spotify, uber, lyft, airbnb, paypal, visa inc, mastercard,
  american express, goldman sachs, morgan stanley, jpmorgan, jpmorgan chase, citigroup, citibank, wells fargo, bank of america, hsbc,
  barclays, deutsche bank, credit suisse, ubs, bnp paribas, santander, lehman brothers, merrill lynch, berkshire hathaway, blackrock,
  vanguard, deloitte, kpmg, ernst & young, pwc, pricewaterhousecoopers, accenture, mckinsey, boston consulting group, bain & company,
  walmart, target corp, costco, ikea, tesco, carrefour, aldi, lidl, starbucks, mcdonald's, mcdonalds, burger king, kfc, subway, pepsi, pepsico, coca-cola,
  coca cola, nestle, unilever, procter & gamble, johnson & johnson, pfizer, moderna, novartis, roche, bayer, merck, glaxosmithkline,
  astrazeneca, exxon, exxonmobil, chevron, shell plc, bp, totalenergies, gazprom, rosneft, verizon, at&t, t-mobile, vodafone, comcast,
  disney, warner bros, universal pictures, paramount, hbo, cnn, bbc, nbc, cbs, abc news, fox news, espn, reuters, associated press, bloomberg,
  new york times, the new york times, washington post, the washington post, the guardian, wall street journal, the economist, time warner, viacom,
  fedex, ups, dhl, united nations, nato, european union, world bank, unicef, unesco, interpol, imf, opec, red cross, greenpeace, amnesty
  international, fbi, cia, nsa, nasa, irs, epa, fda, fcc, sec, pentagon, white house, nba, nfl, mlb, nhl, fifa, uefa, harvard, yale, princeton,
  stanford, mit, caltech, oxford university, cambridge university, nike, adidas, puma, zara, h&m, gucci, louis vuitton, prada, github, gitlab, docker,
  openai, anthropic, deepmind, mozilla, red hat, canonical, wikipedia, wikimedia, yahoo, ebay, alibaba, tencent, baidu, motorola, panasonic,
  toshiba, hitachi, fujitsu, canon, nikon, lg, electrolux, whirlpool, experian, equifax, transunion, moody's, standard & poor's, kaiser permanente,
  aetna, cigna, humana, allstate, geico, metlife, prudential, ford motor, chevrolet, cadillac, buick, pontiac, dodge, jeep, land rover, jaguar, bentley,
  rolls-royce, lexus, infiniti, acura, suzuki, yamaha, kawasaki, harley-davidson`)

/** Countries, states, continents and great cities, folded. */
export const knownPlaces =
  phrases(`afghanistan, albania, algeria, andorra, angola, antigua and barbuda, antigua, barbuda, argentina, armenia, australia,
  austria, azerbaijan, bahamas, the bahamas, bahrain, bangladesh, barbados, belarus, belgium, belize, benin, bhutan, bolivia, bosnia, bosnia and herzegovina,
  bosnia herzegovina, botswana, brazil, brunei, bulgaria, burkina faso, burma, burundi, cabo verde, cape verde, cambodia, cameroon, canada, central african republic, chad,
  chile, china, people's republic of china, colombia, comoros, congo, democratic republic of the congo, republic of the congo, costa rica,
  cote d'ivoire, ivory coast, croatia, cuba, cyprus, czech republic, czechia, denmark, djibouti, dominica, dominican republic, east timor, timor-leste, ecuador, egypt,
  el salvador, england, equatorial guinea, eritrea, estonia, eswatini, swaziland, ethiopia, fiji, finland, france, gabon, gambia, the gambia, germany, ghana,
  great britain, greece, greenland, grenada, guatemala, guinea, guinea-bissau, guyana, haiti, honduras, hong kong, hungary, iceland, india, indonesia,
  iran, iraq, ireland, northern ireland, republic of ireland, israel, italy, jamaica, japan, kazakhstan, kenya, kiribati, kosovo, kuwait, kyrgyzstan, laos, latvia, lebanon,
  lesotho, liberia, libya, liechtenstein, lithuania, luxembourg, macau, macedonia, north macedonia, madagascar, malawi, malaysia, maldives, mali, malta,
  marshall islands, mauritania, mauritius, mexico, micronesia, federated states of micronesia, moldova, monaco, mongolia, montenegro, morocco, mozambique, myanmar, namibia, nauru, nepal,
  netherlands, the netherlands, kingdom of the netherlands, holland, new zealand, nicaragua, niger, nigeria, north korea, norway, oman, pakistan, palau, palestine, panama,
  papua new guinea, paraguay, peru, philippines, the philippines, poland, portugal, puerto rico, qatar, romania, russia, russian federation, rwanda, saint kitts and nevis, saint lucia,
  saint vincent and the grenadines, samoa, san marino, sao tome and principe, saudi arabia, scotland, senegal, serbia, seychelles, sierra leone,
  singapore, slovakia, slovenia, solomon islands, somalia, south africa, south korea, republic of korea, korea, south sudan, spain, sri lanka, sudan, suriname, sweden,
  switzerland, syria, taiwan, tajikistan, tanzania, thailand, tibet, togo, tonga, trinidad and tobago, trinidad, tunisia, turkiye, turkmenistan, tuvalu, uganda, ukraine,
  united arab emirates, uae, united kingdom, uk, united states, the united states, united states of america, usa, u.s.a, u.s, us, uruguay, uzbekistan, vanuatu, vatican city, venezuela,
  vietnam, wales, yemen, yugoslavia, ussr, soviet union, zaire, zambia, zimbabwe, turkey, jordan, georgia,
  alabama, alaska, arizona, arkansas, california, colorado, connecticut, delaware, florida, hawaii, idaho, illinois, indiana, iowa, kansas, kentucky, louisiana,
  maine, maryland, massachusetts, michigan, minnesota, mississippi, missouri, montana, nebraska, nevada, new hampshire, new jersey, new mexico, new york,
  new york city, north carolina, north dakota, ohio, oklahoma, oregon, pennsylvania, rhode island, south carolina, south dakota, tennessee, texas, utah, vermont, virginia,
  washington, washington d.c, washington dc, west virginia, wisconsin, wyoming, ontario, quebec, british columbia, alberta, manitoba, saskatchewan, nova scotia, new brunswick,
  newfoundland, new south wales, victoria australia, queensland, tasmania, bavaria, saxony, catalonia, andalusia, lombardy, tuscany, sicily, sardinia, brittany, normandy, provence,
  europe, asia, africa, north america, south america, latin america, central america, antarctica, middle east, far east, scandinavia, balkans, caribbean, siberia, oceania, eurasia,
  paris, london, berlin, rome, madrid, vienna, prague, moscow, tokyo, beijing, shanghai, delhi, new delhi, mumbai, sydney, melbourne, toronto, montreal, vancouver, chicago,
  los angeles, san francisco, boston, seattle, dallas, houston, miami, atlanta, detroit, philadelphia, las vegas, new orleans, brooklyn, manhattan, hollywood, silicon valley,
  copenhagen, stockholm, oslo, helsinki, reykjavik, dublin, edinburgh, glasgow, manchester, liverpool, birmingham, brussels, amsterdam, rotterdam, the hague, den haag, lisbon, porto,
  barcelona, seville, milan, naples, florence, venice, turin, munich, hamburg, cologne, frankfurt, zurich, geneva, bern, athens, budapest, warsaw, krakow, bucharest, sofia,
  belgrade, zagreb, sarajevo, kiev, kyiv, minsk, riga, tallinn, vilnius, istanbul, ankara, jerusalem, tel aviv, cairo, tehran, baghdad, dubai, doha, kabul, karachi,
  bangkok, hanoi, jakarta, manila, seoul, taipei, singapore, johannesburg, cape town, nairobi, lagos, addis ababa, casablanca, rio de janeiro, sao paulo, buenos aires, lima, bogota,
  santiago, caracas, havana, mexico city, nicosia, limassol, larnaca, warszawa, praha, wien, roma, milano, torino, napoli, venezia, firenze, lisboa, moskva, kobenhavn, goteborg, munchen, koln,
  gaza, west bank, gaza strip, hiroshima, chernobyl, mediterranean, himalayas, alps, andes, sahara, amazon rainforest, pacific, atlantic, pacific ocean, atlantic ocean, baltic sea, black sea,
  east coast, west coast, wall street, times square, guantanamo, middle east, us virgin islands, hebrides, wakefield, yorkshire, cornwall, devon, kent, essex, sussex, surrey, wessex, scotland yard`)

/** With which word a place or an organisation that everybody knows begins. */
export const phraseStarts: ReadonlySet<string> = new Set([...knownPlaces, ...knownOrgs].map((phrase) => phrase.split(' ')[0] ?? ''))

/** Words that begin with a capital without naming anything: days, months, nationalities, languages, titles of parts. */
export const capitalised = set(`i monday tuesday wednesday thursday friday saturday sunday january february march april may june july
  august september october november december mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec english
  french german spanish italian dutch russian chinese japanese korean american british canadian mexican australian european asian
  african indian irish scottish welsh polish czech danish swedish norwegian finnish greek turkish arabic hebrew latin portuguese
  brazilian ukrainian hungarian romanian bulgarian serbian croatian austrian swiss belgian egyptian israeli iranian iraqi pakistani
  thai vietnamese filipino cuban jewish christian muslim islamic catholic protestant buddhist hindu christmas easter halloween
  thanksgiving god lord internet web ok tv dvd cd pc id ssn pin atm api url http json xml html css sql pdf ceo faq usd eur gbp
  hello hi dear yes no bot email e-mail website phone mobile fax address zip iban swift card account dob name names date
  when where who what why how king queen mr mrs ms miss dr prof sir inc ltd llc street st road rd avenue ave lane drive
  box po apt suite unit floor building room apo fpo dpo psc usns usnv usns uss usnv usnv usng uscgc article section title chapter figure
  table appendix part act labor memorial independence web-site re fw fwd cc bcc ps nb vs etc am pm est pst gmt utc bce bc ad`)
