// Options of tables, partitions and databases.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

/// The form of an option's value, and its name in normal form.
enum option_form : int {
    form_number,          // n
    form_number_default,  // n | DEFAULT
    form_size,            // n, 4M
    form_string,          // '..'
    form_word,            // name or string, as written
    form_lower_word,      // a word of the grammar
    form_boolean,         // 0 | 1 | YES | NO | DEFAULT ...
};

struct option_row {
    keyword word;
    table_option_kind kind;
    option_form form;
    std::string_view printed;
};

/// Options of the form WORD [=] value.
inline constexpr option_row option_rows[] = {
    {k_engine, table_option_kind::engine, form_word, "ENGINE"},
    {k_auto_increment, table_option_kind::auto_increment, form_number, "AUTO_INCREMENT"},
    {k_avg_row_length, table_option_kind::avg_row_length, form_number, "AVG_ROW_LENGTH"},
    {k_checksum, table_option_kind::checksum, form_boolean, "CHECKSUM"},
    {k_table_checksum, table_option_kind::checksum, form_boolean, "CHECKSUM"},
    {k_comment, table_option_kind::comment, form_string, "COMMENT"},
    {k_compression, table_option_kind::compression, form_string, "COMPRESSION"},
    {k_connection, table_option_kind::connection, form_string, "CONNECTION"},
    {k_delay_key_write, table_option_kind::delay_key_write, form_boolean, "DELAY_KEY_WRITE"},
    {k_encryption, table_option_kind::encryption, form_string, "ENCRYPTION"},
    {k_encrypted, table_option_kind::encrypted, form_boolean, "ENCRYPTED"},
    {k_encryption_key_id,
     table_option_kind::encryption_key_id,
     form_number_default,
     "ENCRYPTION_KEY_ID"},
    {k_ietf_quotes, table_option_kind::ietf_quotes, form_boolean, "IETF_QUOTES"},
    {k_insert_method, table_option_kind::insert_method, form_lower_word, "INSERT_METHOD"},
    {k_key_block_size, table_option_kind::key_block_size, form_number_default, "KEY_BLOCK_SIZE"},
    {k_max_rows, table_option_kind::max_rows, form_number, "MAX_ROWS"},
    {k_min_rows, table_option_kind::min_rows, form_number, "MIN_ROWS"},
    {k_pack_keys, table_option_kind::pack_keys, form_boolean, "PACK_KEYS"},
    {k_page_checksum, table_option_kind::page_checksum, form_boolean, "PAGE_CHECKSUM"},
    {k_page_compressed, table_option_kind::page_compressed, form_boolean, "PAGE_COMPRESSED"},
    {k_page_compression_level,
     table_option_kind::page_compression_level,
     form_number_default,
     "PAGE_COMPRESSION_LEVEL"},
    {k_password, table_option_kind::password, form_string, "PASSWORD"},
    {k_row_format, table_option_kind::row_format, form_lower_word, "ROW_FORMAT"},
    {k_sequence, table_option_kind::sequence, form_boolean, "SEQUENCE"},
    {k_stats_auto_recalc, table_option_kind::stats_auto_recalc, form_boolean, "STATS_AUTO_RECALC"},
    {k_stats_persistent, table_option_kind::stats_persistent, form_boolean, "STATS_PERSISTENT"},
    {k_stats_sample_pages,
     table_option_kind::stats_sample_pages,
     form_number_default,
     "STATS_SAMPLE_PAGES"},
    {k_storage, table_option_kind::storage, form_lower_word, "STORAGE"},
    {k_tablespace, table_option_kind::tablespace, form_word, "TABLESPACE"},
    {k_transactional, table_option_kind::transactional, form_boolean, "TRANSACTIONAL"},
    {k_autoextend_size, table_option_kind::autoextend_size, form_size, "AUTOEXTEND_SIZE"},
    {k_engine_attribute, table_option_kind::engine_attribute, form_string, "ENGINE_ATTRIBUTE"},
    {k_secondary_engine, table_option_kind::secondary_engine, form_word, "SECONDARY_ENGINE"},
    {k_secondary_engine_attribute,
     table_option_kind::secondary_engine_attribute,
     form_string,
     "SECONDARY_ENGINE_ATTRIBUTE"},
    {k_secondary_load, table_option_kind::secondary_load, form_number, "SECONDARY_LOAD"},
    {k_auto_id_cache, table_option_kind::auto_id_cache, form_number, "AUTO_ID_CACHE"},
    {k_auto_random_base, table_option_kind::auto_random_base, form_number, "AUTO_RANDOM_BASE"},
    {k_shard_row_id_bits, table_option_kind::shard_row_id_bits, form_number, "SHARD_ROW_ID_BITS"},
    {k_pre_split_regions, table_option_kind::pre_split_regions, form_number, "PRE_SPLIT_REGIONS"},
    {k_ttl_enable, table_option_kind::ttl_enable, form_string, "TTL_ENABLE"},
    {k_ttl_job_interval, table_option_kind::ttl_job_interval, form_string, "TTL_JOB_INTERVAL"},
    {k_nodegroup, table_option_kind::nodegroup, form_number, "NODEGROUP"},
};

inline bool is_row_format(keyword k) noexcept {
    return k == k_fixed || k == k_dynamic || k == k_compressed || k == k_redundant ||
           k == k_compact || k == k_page;
}

/// Options of MariaDB's engines, of which the server keeps what was written, letters included.
inline bool is_mariadb_engine_option(table_option_kind kind) noexcept {
    using k = table_option_kind;
    return kind == k::encrypted || kind == k::encryption_key_id || kind == k::page_compressed ||
           kind == k::page_compression_level || kind == k::ietf_quotes;
}

inline bool ddl_parser::option_value(table_option& out, int form) {
    const bool default_form = form == form_number_default || form == form_boolean ||
                              form == form_lower_word || since(0, 1);
    if (default_form && accept(k_default)) {
        out.value.kind = literal_kind::null;
        if (form == form_lower_word || form == form_word) {
            out.value = {literal_kind::string, "default", {}};
            out.word = true;
        }
        return true;
    }
    switch (form) {
        case form_number:
        case form_number_default:
        case form_size:
            if (is(token_kind::string)) return text_literal(out.value);
            return size_value(out.value);
        case form_string:
            // MariaDB writes engine options as strings, quoted words or bare words.
            if (is(token_kind::string)) return text_literal(out.value);
            if (mariadb() && out.kind != table_option_kind::comment && is_identifier()) break;
            if (is(token_kind::integer) && mariadb()) return size_value(out.value);
            return fail("a string");
        case form_boolean:
            if (is(token_kind::string)) return text_literal(out.value);
            if (is(token_kind::integer) || is(token_kind::hex)) return size_value(out.value);
            break;
        default:
            if (is(token_kind::string)) return text_literal(out.value);
            if (out.kind == table_option_kind::secondary_engine && accept(k_null)) return true;
            break;
    }
    if (!is_identifier()) return fail("a value");
    if (out.kind == table_option_kind::row_format && !is_row_format(word())) {
        return fail("a row format");
    }
    out.value.kind = literal_kind::string;
    out.word = true;
    if (!any_identifier(out.value.text)) return false;
    // MariaDB keeps the words of engine options as they are written.
    if (form != form_word && !is_mariadb_engine_option(out.kind))
        out.value.text = ascii_lower(out.value.text);
    return true;
}

/// Options that only one of the servers has. MariaDB reads unknown ones as engine options.
inline bool ddl_parser::option_known_here(table_option_kind kind) const noexcept {
    using k = table_option_kind;
    switch (kind) {
        case k::transactional:
        case k::page_checksum:
        case k::ietf_quotes:
        case k::encrypted:
        case k::encryption_key_id:
        case k::page_compressed:
        case k::page_compression_level:
        case k::sequence:
            return since(0, 1);
        case k::secondary_engine:
        case k::secondary_load:
            return since(80000, 1);
        case k::auto_id_cache:
        case k::auto_random_base:
        case k::shard_row_id_bits:
        case k::pre_split_regions:
        case k::ttl_enable:
        case k::ttl_job_interval:
            return since(0, 1);
        default:
            return true;
    }
}

inline bool ddl_parser::known_option(table_option& out, keyword k, bool& taken) {
    taken = true;
    for (const option_row& row : option_rows) {
        if (row.word != k) continue;
        if (!option_known_here(row.kind)) break;
        out.kind = row.kind;
        if (is_mariadb_engine_option(out.kind)) out.name.assign(token_text(current()));
        advance();
        accept_op('=');
        return option_value(out, row.form);
    }
    taken = false;
    return true;
}

/// [DEFAULT] CHARACTER SET|CHARSET [=] x, [DEFAULT] COLLATE [=] x.
inline bool ddl_parser::charset_option(table_option& out, bool& taken) {
    const std::size_t d = word() == k_default ? 1 : 0;
    const keyword k = word_ahead(d);
    const bool set = (k == k_character || k == k_char) && word_ahead(d + 1) == k_set;
    taken =
        set || k == k_charset || k == k_collate || (d == 1 && k == k_encryption && since(80016, 0));
    if (!taken) return true;
    for (std::size_t i = 0; i < d + (set ? 2 : 1); ++i) advance();
    accept_op('=');
    out.explicit_default = d == 1;
    if (k == k_encryption) {
        out.kind = table_option_kind::encryption;
        return text_literal(out.value);
    }
    out.kind = k == k_collate ? table_option_kind::collate : table_option_kind::charset;
    out.word = true;
    out.value.kind = literal_kind::string;
    if (word() == k_default && !mariadb() && options_.version.at_least(8)) {
        return fail("a name");
    }
    return k == k_collate ? collation_name(out.value.text) : charset_name(out.value.text);
}

inline bool ddl_parser::union_option(table_option& out) {
    out.kind = table_option_kind::union_tables;
    advance();
    accept_op('=');
    if (!expect_op('(')) return false;
    if (accept_op(')')) return true;
    return table_list(out.tables) && expect_op(')');
}

/// Options of several words.
inline bool ddl_parser::worded_option(table_option& out, keyword k, bool& taken) {
    taken = true;
    const keyword next = word_ahead(1);
    switch (k) {
        case k_storage:
            if (next != k_engine) break;
            advance();
            return known_option(out, k_engine, taken);
        case k_data:
        case k_index:
            if (next != k_directory) break;
            out.kind = k == k_data ? table_option_kind::data_directory
                                   : table_option_kind::index_directory;
            advance(), advance();
            accept_op('=');
            return option_value(out, form_string);
        case k_union:
            return union_option(out);
        case k_with:
            if (next != k_system || word_ahead(2) != k_versioning || !since(0, 100300)) break;
            out.kind = table_option_kind::with_system_versioning;
            advance(), advance(), advance();
            return true;
        case k_start:
            if (next != k_transaction || !since(80021, 0)) break;
            out.kind = table_option_kind::start_transaction;
            advance(), advance();
            return true;
        case k_placement: {
            if (next != k_policy || !options_.tidb) break;
            advance(), advance();
            out.kind = table_option_kind::placement_policy;
            accept_op('=');
            return option_value(out, form_word);
        }
        case k_ttl: {
            if (!is_op_ahead(1, '=')) break;
            out.kind = table_option_kind::ttl;
            advance(), advance();
            const std::size_t first = at_;
            expression e;
            if (!expr(e)) return false;
            out.value = {literal_kind::string, joined(first), {}};
            out.word = true;
            return true;
        }
        default:
            break;
    }
    taken = false;
    return true;
}

inline bool ddl_parser::one_table_option(table_option& out, bool& taken) {
    taken = false;
    if (!is(token_kind::word) && !is(token_kind::quoted_identifier)) return true;
    out.span.begin = begin_offset();
    const keyword k = word();
    if (k != k_unlisted) {
        if (!charset_option(out, taken)) return false;
        if (!taken && !worded_option(out, k, taken)) return false;
        if (!taken && !known_option(out, k, taken)) return false;
    }
    if (!taken) {
        std::vector<custom_option> options;
        if (!custom(options, taken)) return false;
        if (!taken) return true;
        out.kind = table_option_kind::custom;
        out.name = std::move(options[0].name);
        out.value = std::move(options[0].value);
        out.word = options[0].identifier;
    }
    out.span.end = end_offset();
    return true;
}

/// Options with spaces, or commas where `commas`, between them.
inline bool ddl_parser::table_options(std::vector<table_option>& out, bool commas) {
    for (;;) {
        table_option option;
        bool taken = false;
        const bool comma = commas && !out.empty() && is_op(',');
        if (comma) advance();
        if (!one_table_option(option, taken)) return false;
        if (!taken) return !comma || fail("a table option");
        out.push_back(std::move(option));
    }
}

/// Options of CREATE and ALTER DATABASE.
inline bool ddl_parser::database_options(std::vector<table_option>& out) {
    while (!is(token_kind::end) && !is_op(';')) {
        table_option& option = out.emplace_back();
        bool taken = false;
        if (!charset_option(option, taken)) return false;
        if (taken) continue;
        switch (word()) {
            case k_comment:
            case k_encryption:
                if (!(word() == k_comment ? since(0, 100500) : since(80016, 0))) {
                    return fail("a database option");
                }
                if (!known_option(option, word(), taken)) return false;
                break;
            case k_read:
                if (word_ahead(1) != k_only || !since(80022, 0)) return fail("a database option");
                advance(), advance();
                option.kind = table_option_kind::read_only;
                accept_op('=');
                if (!option_value(option, form_number_default)) return false;
                break;
            case k_placement:
                if (!worded_option(option, word(), taken)) return false;
                if (!taken) return fail("a database option");
                break;
            default:
                return fail("a database option");
        }
    }
    return true;
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
