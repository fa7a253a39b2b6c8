// The grammar's words, with the version since which a server reserves each of them.
#pragma once

#include <dmlib/core/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// X(word, reserved in MySQL since, reserved in MariaDB since): 0 = never, 1 = always, else the
// number of versioned comments (80014).
#define DMLIB_SQL_WORDS(X)                                                                       \
    X(accessible,1,1) X(account,0,0) X(action,0,0) X(add,1,1) X(adddate,0,0) X(admin,0,0)        \
    X(aes,0,0) X(after,0,0) X(against,0,0) X(aggregate,0,0) X(algorithm,0,0) X(all,1,1)          \
    X(alter,1,1) X(always,0,0) X(analyze,1,1) X(and,1,1) X(any,0,0) X(array,0,0) X(as,1,1)       \
    X(asc,1,1) X(ascii,0,0) X(asensitive,1,1) X(at,0,0) X(authors,0,0) X(auto,0,0)               \
    X(auto_id_cache,0,0) X(auto_increment,0,0) X(auto_random,0,0) X(auto_random_base,0,0)        \
    X(autoextend_size,0,0) X(avg_row_length,0,0) X(backup,0,0) X(before,1,1) X(begin,0,0)        \
    X(bernoulli,0,0) X(between,1,1) X(bigint,1,1) X(binary,1,1) X(binding,0,0) X(binlog,0,0)     \
    X(bit,0,0) X(blob,1,1) X(body,0,0) X(bool,0,0) X(boolean,0,0) X(both,1,1) X(btree,0,0)       \
    X(buckets,0,0) X(by,1,1) X(byte,0,0) X(cache,0,0) X(cached,0,0) X(call,1,1) X(cascade,1,1)   \
    X(cascaded,0,0) X(case,1,1) X(cast,0,0) X(catalog,0,0) X(catalogs,0,0) X(chain,0,0)          \
    X(change,1,1) X(changed,0,0) X(char,1,1) X(character,1,1) X(charset,0,0) X(check,1,1)        \
    X(checksum,0,0) X(clob,0,0) X(clone,0,0) X(close,0,0) X(clustered,0,0) X(clustering,0,0)     \
    X(coalesce,0,0) X(collate,1,1) X(column,1,1) X(column_format,0,0) X(columns,0,0)             \
    X(comment,0,0) X(commit,0,0) X(committed,0,0) X(compact,0,0) X(component,0,0)                \
    X(compressed,0,0) X(compression,0,0) X(concurrent,0,0) X(condition,1,1) X(connection,0,0)    \
    X(consistent,0,0) X(constraint,1,1) X(continue,1,1) X(convert,1,1) X(copy,0,0) X(count,0,0)  \
    X(create,1,1) X(cross,1,1) X(cube,80000,0) X(cume_dist,80000,0) X(current,0,0)               \
    X(current_date,1,1) X(current_role,0,1) X(current_time,1,1) X(current_timestamp,1,1)         \
    X(current_user,1,1) X(cursor,1,1) X(cycle,0,0) X(data,0,0) X(database,1,0) X(databases,1,1)  \
    X(date,0,0) X(date_add,0,0) X(date_sub,0,0) X(datetime,0,0) X(day,0,0) X(day_hour,1,1)       \
    X(day_microsecond,1,1) X(day_minute,1,1) X(day_second,1,1) X(deallocate,0,0) X(dec,1,1)      \
    X(decimal,1,1) X(declare,1,1) X(default,1,1) X(definer,0,0) X(delay_key_write,0,0)           \
    X(delayed,1,1) X(delete,1,1) X(delete_domain_id,0,1) X(delimiter,0,0) X(dense_rank,80000,0)  \
    X(desc,1,1) X(describe,1,1) X(deterministic,1,1) X(diagnostics,0,0) X(dictionary,0,0)        \
    X(directory,0,0) X(disable,0,0) X(discard,0,0) X(disk,0,0) X(distinct,1,1)                   \
    X(distinctrow,1,1) X(div,1,1) X(do,0,0) X(do_domain_ids,0,1) X(double,1,1) X(drop,1,1)       \
    X(dual,1,1) X(duality,0,0) X(dump,0,0) X(duplicate,0,0) X(dynamic,0,0) X(each,1,1)           \
    X(else,1,1) X(elseif,1,1) X(empty,80000,0) X(enable,0,0) X(enclosed,1,1) X(encrypted,0,0)    \
    X(encryption,0,0) X(encryption_key_id,0,0) X(end,0,0) X(ends,0,0) X(enforced,0,0)            \
    X(engine,0,0) X(engine_attribute,0,0) X(engines,0,0) X(enum,0,0) X(errors,0,0) X(escape,0,0) \
    X(escaped,1,1) X(event,0,0) X(every,0,0) X(except,80000,100300) X(exchange,0,0)              \
    X(exclude,0,0) X(exclusive,0,0) X(execute,0,0) X(exists,1,1) X(exit,1,1) X(expansion,0,0)    \
    X(explain,1,1) X(extended,0,0) X(external,0,0) X(extract,0,0) X(false,1,1) X(fast,0,0)       \
    X(fetch,1,1) X(file,0,0) X(first,0,0) X(first_value,80000,0) X(fixed,0,0) X(float,1,1)       \
    X(float4,1,1) X(float8,1,1) X(flush,0,0) X(following,0,0) X(for,1,1) X(force,1,1)            \
    X(foreign,1,1) X(format,0,0) X(found,0,0) X(from,1,1) X(full,0,0) X(fulltext,1,1)            \
    X(function,80000,0) X(generated,50700,0) X(geomcollection,0,0) X(geometry,0,0)               \
    X(geometrycollection,0,0) X(get,1,0) X(get_format,0,0) X(global,0,0) X(grant,1,1)            \
    X(group,1,1) X(group_concat,0,0) X(group_replication,0,0) X(grouping,80000,0)                \
    X(groups,80000,0) X(handler,0,0) X(hash,0,0) X(having,1,1) X(help,0,0) X(high_priority,1,1)  \
    X(histogram,0,0) X(history,0,0) X(host,0,0) X(hour,0,0) X(hour_microsecond,1,1)              \
    X(hour_minute,1,1) X(hour_second,1,1) X(identified,0,0) X(identity,0,0) X(ietf_quotes,0,0)   \
    X(if,1,1) X(ignore,1,1) X(ignore_domain_ids,0,1) X(ignored,0,0) X(immediate,0,0)             \
    X(import,0,0) X(in,1,1) X(increment,0,0) X(increment_by,0,0) X(index,1,1) X(inet4,0,0)       \
    X(inet6,0,0) X(infile,1,1) X(inner,1,1) X(inout,1,1) X(inplace,0,0) X(insensitive,1,1)       \
    X(insert,1,1) X(insert_method,0,0) X(install,0,0) X(instance,0,0) X(instant,0,0) X(int,1,1)  \
    X(int1,1,1) X(int2,1,1) X(int3,1,1) X(int4,1,1) X(int8,1,1) X(integer,1,1)                   \
    X(intersect,80031,100300) X(interval,1,1) X(into,1,1) X(invisible,0,0) X(invoker,0,0)        \
    X(io_after_gtids,1,0) X(io_before_gtids,1,0) X(is,1,1) X(isolation,0,0) X(iterate,1,1)       \
    X(join,1,1) X(json,0,0) X(json_arrayagg,0,0) X(json_objectagg,0,0) X(json_table,80000,0)     \
    X(json_value,0,0) X(key,1,1) X(key_block_size,0,0) X(keys,1,1) X(kill,1,1) X(lag,80000,0)    \
    X(language,0,0) X(last,0,0) X(last_value,80000,0) X(lastval,0,0) X(lateral,80014,0)          \
    X(lead,80000,0) X(leading,1,1) X(leave,1,1) X(left,1,1) X(less,0,0) X(library,0,0)           \
    X(like,1,1) X(limit,1,1) X(linear,1,1) X(lines,1,1) X(linestring,0,0) X(list,0,0)            \
    X(load,1,1) X(local,0,0) X(localtime,1,1) X(localtimestamp,1,1) X(lock,1,1) X(locked,0,0)    \
    X(logfile,0,0) X(logs,0,0) X(long,1,1) X(longblob,1,1) X(longtext,1,1) X(loop,1,1)           \
    X(low_priority,1,1) X(manual,0,0) X(masking,0,0) X(master,0,0)                           \
    X(master_ssl_verify_server_cert,0,0) X(masters,0,0) X(match,1,1) X(materialized,0,0)         \
    X(max_rows,0,0) X(maxvalue,1,1) X(medium,0,0) X(mediumblob,1,1) X(mediumint,1,1)             \
    X(mediumtext,1,1) X(member,0,0) X(merge,0,0) X(microsecond,0,0) X(mid,0,0) X(middleint,1,1)  \
    X(migrate,0,0) X(min_rows,0,0) X(minute,0,0) X(minute_microsecond,1,1) X(minute_second,1,1)  \
    X(minvalue,0,0) X(mod,1,1) X(mode,0,0) X(modifies,1,1) X(modify,0,0) X(month,0,0)            \
    X(multilinestring,0,0) X(multipoint,0,0) X(multipolygon,0,0) X(names,0,0) X(national,0,0)    \
    X(natural,1,1) X(nchar,0,0) X(never,0,0) X(next,0,0) X(nextval,0,0) X(no,0,0)                \
    X(no_write_to_binlog,1,1) X(nocache,0,0) X(nocopy,0,0) X(nocycle,0,0) X(nodegroup,0,0)       \
    X(nomaxvalue,0,0) X(nominvalue,0,0) X(nonclustered,0,0) X(none,0,0) X(nosequence,0,0)        \
    X(not,1,1) X(notnull,0,0) X(now,0,0) X(nowait,0,0) X(nth_value,80000,0) X(ntile,80000,0)     \
    X(null,1,1) X(number,0,0) X(numeric,1,1) X(nvarchar,0,0) X(nvarchar2,0,0) X(of,80000,0)      \
    X(off,0,0) X(offline,0,0) X(offset,0,100600) X(on,1,1) X(online,0,0) X(only,0,0) X(open,0,0) \
    X(optimize,1,1) X(optimizer,0,0) X(optimizer_costs,50700,0) X(option,1,0) X(optionally,1,1)  \
    X(or,1,1) X(order,1,1) X(out,1,1) X(outer,1,1) X(outfile,1,1) X(over,80000,100200)           \
    X(overlaps,0,0) X(pack_keys,0,0) X(package,0,0) X(page,0,0) X(page_checksum,0,1)             \
    X(page_compressed,0,0) X(page_compression_level,0,0) X(parallel,0,0)                     \
    X(parse_vcol_expr,0,1) X(parser,0,0) X(partial,0,0) X(partition,1,1) X(partitioning,0,0)     \
    X(partitions,0,0) X(password,0,0) X(percent_rank,80000,0) X(period,0,0) X(persist,0,0)       \
    X(persist_only,0,0) X(persistent,0,0) X(pipes,0,0) X(placement,0,0) X(plugin,0,0)            \
    X(plugins,0,0) X(point,0,0) X(policy,0,0) X(polygon,0,0) X(position,0,0)                     \
    X(pre_split_regions,0,0) X(preceding,0,0) X(precision,1,1) X(prepare,0,0) X(preserve,0,0)    \
    X(previous,0,0) X(primary,1,1) X(privileges,0,0) X(procedure,1,1) X(processlist,0,0)         \
    X(profile,0,0) X(purge,1,1) X(qualify,80400,0) X(quarter,0,0) X(query,0,0) X(quick,0,0)      \
    X(range,1,1) X(rank,80000,0) X(raw,0,0) X(read,1,1) X(read_only,0,0) X(read_write,1,1)       \
    X(reads,1,1) X(real,1,1) X(rebuild,0,0) X(recover,0,0) X(recursive,80000,100200)             \
    X(redundant,0,0) X(ref_system_id,0,1) X(reference,0,0) X(references,1,1) X(regexp,1,1)       \
    X(relational,0,0) X(relay,0,0) X(relaylog,0,0) X(release,1,1) X(remove,0,0) X(rename,1,1)    \
    X(reorganize,0,0) X(repair,0,0) X(repeat,1,1) X(replace,1,1) X(replica,0,0) X(replicas,0,0)  \
    X(replication,0,0) X(require,1,1) X(reserved,0,0) X(reset,0,0) X(resignal,1,1)               \
    X(resource,0,0) X(restart,0,0) X(restrict,1,1) X(resume,0,0) X(return,1,1)                   \
    X(returning,0,100000) X(returns,0,0) X(reuse,0,0) X(revoke,1,1) X(right,1,1) X(rlike,1,1)    \
    X(role,0,0) X(rollback,0,0) X(row,80000,0) X(row_format,0,0) X(row_number,80000,100700)      \
    X(rows,80000,100200) X(rtree,0,0) X(savepoint,0,0) X(schema,1,0) X(schemas,1,1)              \
    X(second,0,0) X(second_microsecond,1,1) X(secondary,0,0) X(secondary_engine,0,0)             \
    X(secondary_engine_attribute,0,0) X(secondary_load,0,0) X(secondary_unload,0,0)              \
    X(security,0,0) X(select,1,1) X(sensitive,1,1) X(separator,1,1) X(sequence,0,0)              \
    X(serial,0,0) X(server,0,0) X(session,0,0) X(set,1,1) X(setval,0,0) X(shard_row_id_bits,0,0) \
    X(share,0,0) X(shared,0,0) X(show,1,1) X(shutdown,0,0) X(signal,1,1) X(signed,0,0)           \
    X(simple,0,0) X(slave,0,0) X(slow,0,0) X(smallint,1,1) X(snapshot,0,0) X(some,0,0)           \
    X(soname,0,0) X(sonames,0,0) X(soundex,0,0) X(sounds,0,0) X(source,0,0) X(sources,0,0)       \
    X(spatial,1,1) X(specific,1,1) X(sql,1,1) X(sql_big_result,1,1) X(sql_cache,0,0)             \
    X(sql_calc_found_rows,1,1) X(sql_small_result,1,1) X(sqlexception,1,1) X(sqlstate,1,1)       \
    X(sqltsi,0,0) X(sqlwarning,1,1) X(srid,0,0) X(ssl,1,1) X(stage,0,0) X(start,0,0)             \
    X(starting,1,1) X(starts,0,0) X(statement,0,0) X(statistics,0,0) X(stats_auto_recalc,0,1)    \
    X(stats_persistent,0,1) X(stats_sample_pages,0,1) X(stop,0,0) X(storage,0,0)                 \
    X(stored,50700,0) X(straight_join,1,1) X(subdate,0,0) X(subject,0,0) X(subpartition,0,0)     \
    X(subpartitions,0,0) X(substr,0,0) X(substring,0,0) X(super,0,0) X(suspend,0,0)              \
    X(system,80000,0) X(system_time,0,0) X(system_user,0,0) X(table,1,1) X(table_checksum,0,0)   \
    X(tables,0,0)                                                                                \
    X(tablesample,80400,0) X(tablespace,0,0) X(temporary,0,0) X(terminated,1,1) X(text,0,0)      \
    X(than,0,0) X(then,1,1) X(time,0,0) X(timestamp,0,0) X(timestampadd,0,0)                     \
    X(timestampdiff,0,0) X(tinyblob,1,1) X(tinyint,1,1) X(tinytext,1,1) X(to,1,1)                \
    X(trailing,1,1) X(transaction,0,0) X(transactional,0,0) X(trash,0,0) X(trigger,1,1)          \
    X(trim,0,0) X(true,1,1) X(truncate,0,0) X(ttl,0,0) X(ttl_enable,0,0) X(ttl_job_interval,0,0) \
    X(type,0,0) X(unbounded,0,0) X(undo,1,1) X(unicode,0,0) X(uninstall,0,0) X(union,1,1)        \
    X(unique,1,1) X(unknown,0,0) X(unlock,1,1) X(unsigned,1,1) X(until,0,0) X(update,1,1)        \
    X(upgrade,0,0) X(usage,1,1) X(use,1,1) X(use_frm,0,0) X(user,0,0) X(using,1,1)               \
    X(utc_date,1,1) X(utc_time,1,1) X(utc_timestamp,1,1) X(uuid,0,0) X(validation,0,0)           \
    X(value,0,0) X(values,1,1) X(varbinary,1,1) X(varchar,1,1) X(varchar2,0,0)                   \
    X(varcharacter,1,1) X(varying,1,1) X(vector,0,0) X(versioning,0,0) X(view,0,0)               \
    X(virtual,50700,0) X(visible,0,0) X(wait,0,0) X(warnings,0,0) X(week,0,0)                    \
    X(weight_string,0,0) X(when,1,1) X(where,1,1) X(while,1,1) X(window,80000,0)            \
    X(with,1,1) X(without,0,0) X(work,0,0) X(write,1,1) X(x509,0,0) X(xa,0,0) X(xml,0,0)         \
    X(xmltype,0,0) X(xor,1,1) X(year,0,0) X(year_month,1,1) X(zerofill,1,1) X(zone,0,0)

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

/// A word of the grammar; k_unlisted for every other name.
enum keyword : std::uint16_t {
    k_unlisted = 0,
#define DMLIB_X(word, my, maria) k_##word,
    DMLIB_SQL_WORDS(DMLIB_X)
#undef DMLIB_X
        keyword_count
};

struct word_info {
    std::string_view text;
    std::uint32_t mysql_reserved;
    std::uint32_t mariadb_reserved;
};

inline constexpr std::array<word_info, keyword_count> word_table = {{{"", 0, 0},
#define DMLIB_X(word, my, maria) {#word, my, maria},
                                                                     DMLIB_SQL_WORDS(DMLIB_X)
#undef DMLIB_X
}};

inline constexpr std::size_t max_word_length = 32;
inline constexpr std::size_t word_slots = 4096;  // a power of two, about six times the words

constexpr char lower_ascii(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr std::uint32_t word_hash(std::string_view word) noexcept {
    std::uint32_t h = static_cast<std::uint32_t>(word.size());
    for (const char c : word) {
        // Bit 5 folds the case of letters; other bytes that collide are told apart by the compare.
        h = (h ^ static_cast<std::uint8_t>(c | 0x20)) * 0x01000193u;
    }
    return h ^ (h >> 15);
}

constexpr std::array<std::uint16_t, word_slots> make_word_slots() {
    std::array<std::uint16_t, word_slots> slots{};
    for (std::uint16_t i = 1; i < keyword_count; ++i) {
        std::size_t at = word_hash(word_table[i].text) & (word_slots - 1);
        while (slots[at] != 0) at = (at + 1) & (word_slots - 1);
        slots[at] = i;
    }
    return slots;
}
inline constexpr std::array<std::uint16_t, word_slots> word_slot_table = make_word_slots();

inline bool same_word(std::string_view written, std::string_view lower) noexcept {
    if (written.size() != lower.size()) return false;
    for (std::size_t i = 0; i < written.size(); ++i) {
        if (lower_ascii(written[i]) != lower[i]) return false;
    }
    return true;
}

/// The word's number, ASCII case-insensitively.
inline keyword keyword_of(std::string_view text) noexcept {
    if (text.empty() || text.size() > max_word_length) return k_unlisted;
    std::size_t at = word_hash(text) & (word_slots - 1);
    while (const std::uint16_t i = word_slot_table[at]) {
        if (same_word(text, word_table[i].text)) return static_cast<keyword>(i);
        at = (at + 1) & (word_slots - 1);
    }
    return k_unlisted;
}

/// Reserved words that name a function when a parenthesis follows.
inline bool is_function_word(keyword k) noexcept {
    switch (k) {
        case k_if:
        case k_left:
        case k_right:
        case k_replace:
        case k_insert:
        case k_repeat:
        case k_mod:
        case k_char:
        case k_database:
        case k_schema:
        case k_values:
        case k_utc_date:
        case k_utc_time:
        case k_utc_timestamp:
        case k_current_date:
        case k_current_time:
        case k_current_timestamp:
        case k_localtime:
        case k_localtimestamp:
        case k_current_user:
        case k_current_role:
        case k_grouping:
        case k_rank:
        case k_row_number:
        case k_dense_rank:
        case k_lag:
        case k_lead:
        case k_first_value:
        case k_last_value:
        case k_nth_value:
        case k_ntile:
        case k_cume_dist:
        case k_percent_rank:
        case k_default:
        case k_convert:
        case k_interval:
        case k_match:
        case k_row:
        case k_exists:
        case k_json_table:
            return true;
        default:
            return false;
    }
}

/// Reserved words that are functions without parentheses.
inline bool is_bare_function(keyword k) noexcept {
    switch (k) {
        case k_current_timestamp:
        case k_current_date:
        case k_current_time:
        case k_localtime:
        case k_localtimestamp:
        case k_utc_date:
        case k_utc_time:
        case k_utc_timestamp:
        case k_current_user:
        case k_current_role:
            return true;
        default:
            return false;
    }
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
