/** Words of programming and operating that texts write with a capital and no list of ordinary words has. Folded; general knowledge. */
export const technicalWords: ReadonlySet<string> = new Set(
  `abort accelerator accessor acl adapter admin agent ajv alias alpine amd analytics annotation ansi anonymous api apis app append
  apps arc archive arg args argument arguments arm array arrays ascii assert assertion astro async asynchronous attribute attributes
  audit auth authentication automata automaton authorization avx await aws azure babel backend backends backlog backup bash batch bearer benchmark
  benchmarks beta binary binding bindings biome bitbucket bitwise blob bnf boolean bootstrap branch brew browser browserify browsers
  browserslist bson buffer buffers bug bugs builder bun bundle bundler byte bytes cache caching callback callbacks canary canvas cargo
  casing cdn cdns cedar changelog chai chalk charset checkout checksum chrome chromium chunk cidr cli client clients clojure closure
  cloud cloudflare cluster cmake cmd codebase codec coffeescript collector collections column commander commit commits commonjs
  compile compiler compression concurrency config configuration configure console constant constants constructor container
  containers contributing contributors cookie cookies cors coverage cpu cron crud crypto csrf csv ctrl curl cursor cypress daemon
  dart dashboard data database databases dataset datasets debian debug debugger decoder decorator decorators default defaults
  delete deno dependencies dependency deploy deployment deprecated deprecation deserialize destructuring deterministic dev dfa diff
  directive directives directory disable disabled discord dispatcher django dns docker dockerfile docs dom domain download downloads
  driver dsl dynamic dynamodb ecmascript editor elasticsearch electron element elements elixir emacs ember emitter emoji enable
  enabled encoder encoding endpoint endpoints engine entropy enum env environment error errors esbuild escaping eslint esm espree
  ethernet event events exception exceptions exec executable export exports express extension extensions factory fallback false
  fastify feature features fedora fetch field fields file filename filesystem filter firebase firefox finite firestore flag flags flask
  flow folder fork forks format formatter formatting framework frontend function functional functions gateway gcc gcp generator
  generators generic generics getter git github gitignore gitlab global globals gnu go golang gpu gradle grafana graph graphql grep
  grunt gulp gzip haml handlebars handler handlers hapi hash hashing haskell header headers heap helm helmet heroku hex hmac homebrew
  hook hooks host hostname href html http https hypertext icu ide identifier idl immutable implementation import imports index
  indication indices init inline input inputs insert install installation installing instance instances integer integers integration
  intellisense interceptor interface interfaces internals internet interpolation interpreter intl io ios ip ipc iterable iterator
  iterators jade jasmine java javascript jenkins jest jit jq jquery jsdoc json jsx jvm jwt kafka karma kernel keyboard keystore
  keyword koa kotlin kubectl kubernetes lambda laravel layout lazy ldap legacy lerna less lexer lib libraries library license lifecycle
  linker lint linter linting linux lisp listener listeners literal literals llvm loader loaders localhost locale lodash log logger
  logging login logs lookup lookbehind loop lua lzma mac macos macro macros makefile malloc map mapping maps markdown matcher matplotlib
  maven max md memory merge metadata method methods metrics microservice middleware migration migrations mime min minify mocha
  mock mocks mode module modules mongo mongodb mongoose monorepo multipart mutable mutation mutex mysql namespace namespaces nan nest
  nested netlify nginx nix nixos node nodejs nodes nondeterministic nonce notebook npm npx nuget null nullable number numbers numpy
  nuxt oauth object objects offset oidc opaque openapi opentelemetry operand operator operators optional options orm output
  overload overloads override overview package packages pako pandas param parameter parameters params parse parser parsers parsing
  passphrase password patch path paths pattern patterns payload pdf peer perf perl permission permissions php pino pip pipeline
  pipelines pixel plaintext platform playground plugin plugins pnpm podman poetry pointer polyfill polyfills pool popup port postcss
  postgres postgresql powershell prefetch prefilter prefix preprocessor presets preview primitive primitives prisma private procedure
  process processor production profiler program prometheus promise promises prompt propagation properties property protobuf
  protocol prototype provider proxies proxy pub pug pull puppeteer push pypi pytest python pytorch qt query querystring queue
  quickstart quoting rabbitmq rails raspberry react readable readme recursion recursive redhat redirect redis redux refactor
  reference regex regexes regexp registry release releases remix render renderer rendering repo repository request requests
  require requirements reset resolver resolvers response responses rest restful return returns rfc roadmap rollup root router
  routes routing row rows rpc rss rsync ruby runner runtime rust saas sandbox sass scala schema schemas scope scopes scoping screen
  script scripts scss sdk selector selectors selenium semver sentry sequelize serialize serializer server serverless servers service
  session sessions setter settings setup sha shell shim sidebar signature simd singleton sinon slack slice smtp snapshot snapshots
  snippet snippets socket sockets solaris source spec specification splat spread spring sql sqlite ssh ssl ssr stack stacktrace standalone
  static status stderr stdin stdlib stdout storage storybook stream streaming streams string strings struct stub stubs stylesheet stylus
  submodule subscribe subscriber substring subtree suffix svelte svg swagger symbol symbols symfony sync synchronous syntax sysctl
  systemd tag tags tailwind tap target targets tarball tcp telemetry template templates templating tensorflow terminal ternary
  terraform test testing tests text theme thread threads thunk timeout timeouts timer timestamp timestamps timezone tls todo token
  tokenizer tokens toml tool tooling toolchain toolkit tools traceback tracing transform transformer transforms transpiler
  traversal traverse trie troubleshooting true tsconfig tuple tuples tutorial tutorials type types typescript ubuntu udp ui umd undefined
  undici unhandled unicode union unix unlink unpkg unsafe unset update updates upgrade upgrading upload uri url urls usage usb user
  username users usr utf utilities utility uuid valgrind validate validation validator validators value values var variable variables
  variant vector vendor verbose vercel version versioning versions vim virtualenv visualizer vite vitest vm vue vuex warning warnings
  wasm watcher webassembly webhook webhooks webkit weblog webpack websocket websockets whitespace widget widgets wifi wiki wildcard
  wildcards windows winston worker workers workflow workflows workspace workspaces world wrapper wrappers writable wsl xcode xhr xml
  yaml yarn yeoman zip zlib zod zookeeper zsh`.split(/\s+/),
)
