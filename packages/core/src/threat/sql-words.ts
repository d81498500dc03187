/**
 * What a word of SQL does. `logic`: joins conditions. `compare`: needs operands on both sides. `start`: begins a statement. `clause`: goes on
 * with one. `set`: joins queries. `value`: stands for itself. `call`: a function. `risk`: a function or object that only attacks name.
 */
export type WordClass = 'logic' | 'compare' | 'start' | 'clause' | 'set' | 'value' | 'call' | 'risk'

function entries(kind: WordClass, words: string): [string, WordClass][] {
  return words.split(' ').map((word) => [word, kind])
}

/** Words of the SQL dialects in use, in lower case. */
export const sqlWords: ReadonlyMap<string, WordClass> = new Map(
  [
    ...entries('logic', 'or and xor eqv imp'),
    ...entries('compare', 'like rlike regexp between in is ilike glob similar sounds div mod collate escape notnull isnull match'),
    ...entries(
      'start',
      'select insert update delete drop create alter truncate exec execute declare shutdown replace merge grant revoke call do handler load set ' +
        'rename waitfor begin if copy attach pragma vacuum analyze desc describe explain show use kill backup restore print with values',
    ),
    ...entries(
      'clause',
      'where having group order limit offset procedure into from for using by as returning when then else end case join on',
    ),
    ...entries('set', 'union except intersect minus'),
    ...entries('value', 'null true false current_user session_user system_user current_date current_timestamp user sysdate'),
    ...entries(
      'call',
      'abs ascii avg bin bin_to_num cast ceil ceiling char char_length character_length chr coalesce compress concat concat_ws conv convert cos count crc32 ' +
        'current_setting curdate curtime date date_add day database db_name decode degrees elt encode exists exp export_set extract field find_in_set floor ' +
        'format from_base64 found_rows glob greatest group_concat hex if ifnull iif insert instr isnull json_extract json_keys json_search last_insert_id ' +
        'lcase least left len length like likely ln locate log log10 log2 lower lpad ltrim make_set mask md5 mid min max mod month now nullif oct ord ' +
        'password pi pow power quarter quote rand random randomblob regexp_replace regexp_substring repeat replace reverse right round row_count rpad ' +
        'rtrim schema session_user sha sha1 sha2 sign sin space sqrt strcmp substr substring sum sysdate system_user tan to_char trim typeof ucase ' +
        'uncompress unhex unicode unlikely upper user uuid values version week xmltype year zeroblob json_array unistr',
    ),
    ...entries(
      'risk',
      'sleep benchmark pg_sleep extractvalue updatexml load_file lo_get lo_import utl_http utl_inaddr utl_file dbms_pipe dbms_lock dbms_ldap ' +
        'dbms_java dbms_xmlgen httpuritype sqlite_compileoption_get load_extension aes_decrypt xp_cmdshell xp_dirtree xp_regread ' +
        'xp_regwrite xp_fileexist xp_availablemedia xp_servicecontrol sp_executesql sp_password sp_oacreate sp_oamethod sp_makewebtask sp_addextendedproc ' +
        'openrowset opendatasource msdasql information_schema pg_catalog sysobjects syscolumns sysibm sqlite_master sqlite_temp_master all_tables ' +
        'user_tables dba_role_privs pg_shadow pg_ls_dir pg_read_file name_const gtid_subset ' +
        'schema_name table_schema column_name all_users serverproperty fn_virtualfilestats xmltype ctxsys rdb nvarchar varchar pg_sleep_for polygon',
    ),
    // A word with two trades is what it is listed as first.
  ].reverse(),
)

/** Risk words that are ordinary in some other trade, and count only when called or after a break. */
export const tradeWords: ReadonlySet<string> = new Set(
  'sleep benchmark varchar nvarchar polygon column_name table_schema schema_name information_schema'.split(' '),
)

/** What a statement's verb acts on, when it is a statement and not an English sentence. */
export const sqlObjects: ReadonlySet<string> = new Set(
  'table database schema view user index procedure function column trigger role login sequence tablespace type temporary temp unique global'.split(
    ' ',
  ),
)

const clauses: ReadonlySet<string> = new Set('as from into when where having order group limit procedure case'.split(' '))

/** Whether a judgement can begin at a word, and not only pass over it. */
export function beginsSql(word: string): boolean {
  const kind = sqlWords.get(word)
  return kind !== undefined && kind !== 'compare' && kind !== 'value' && (kind !== 'clause' || clauses.has(word))
}

/** Whether a word holds a query together, as prepositions hold a sentence: it tells nothing about who wrote it. */
export function isSqlSyntax(word: string): boolean {
  const kind = sqlWords.get(word)
  return kind !== undefined && kind !== 'call' && kind !== 'risk'
}
