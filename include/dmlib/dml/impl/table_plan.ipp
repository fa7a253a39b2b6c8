#pragma once

#include <dmlib/dml/impl/internal/omitted_value.hpp>
#include <dmlib/dml/lanes.hpp>
#include <dmlib/dml/table_plan.hpp>
#include <dmlib/model/charset.hpp>
#include <dmlib/model/detail/text_order.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

namespace internal {

inline std::uint64_t seed_of(const table_name& t, std::string_view key) {
    stable_hash h{0x646d6c6962ULL};
    h.add(as_bytes(t.schema));
    h.add(as_bytes(t.table));
    h.add(as_bytes(key));
    return h.value();
}

inline bool has_transactions(std::string_view engine) noexcept {
    for (const std::string_view none :
         {"MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE", "MRG_MyISAM", "BLACKHOLE"}) {
        if (schema::same_name(engine, none)) return false;
    }
    return true;
}

/// The image's bytes are read by the target's order: where the charsets are of one kind, or the
/// source's has ASCII only.
inline bool has_known_weights(const schema::column& source, const schema::column& target) {
    const auto order = dmlib::internal::text_order::of(target.collation);
    if (!order.known()) return false;
    return source.charset == "ascii" || source.charset == target.charset ||
           (is_utf8(source.charset) && is_utf8(target.charset));
}

/// Characters: the bytes decide only under a binary collation, and only where both sides hold them
/// in charsets whose texts correspond one to one.
inline key_part_form character_form(const schema::column& source, const schema::column& target) {
    const auto* info = find_collation(target.collation);
    if (info == nullptr || target.charset == "binary") return key_part_form::unknown;
    if (!info->is_binary())
        return has_known_weights(source, target) ? key_part_form::words : key_part_form::unknown;
    if (source.charset == target.charset) return key_part_form::padded;
    const bool both_unicode = is_utf8(source.charset) && is_utf8(target.charset);
    const bool widened =
        (source.charset == "ascii" || source.charset == "latin1") && is_utf8(target.charset);
    return both_unicode || widened ? key_part_form::padded : key_part_form::unknown;
}

inline key_part_form key_form(const schema::column& source, const schema::column& target) {
    using internal::type_kind;
    if (source.is_integer() && target.is_integer()) return key_part_form::number;
    if (source.is_character() && target.is_character() && source.type != type_kind::enum_ &&
        source.type != type_kind::set) {
        if (target.type == type_kind::enum_ || target.type == type_kind::set)
            return key_part_form::unknown;
        return character_form(source, target);
    }
    if (source.type != target.type) return key_part_form::unknown;
    switch (source.type) {
        case type_kind::bit:
        case type_kind::year:
            return key_part_form::number;
        case type_kind::enum_:
        case type_kind::set:
            return source.members == target.members ? key_part_form::number
                                                    : key_part_form::unknown;
        case type_kind::float_:
        case type_kind::double_:
            return key_part_form::real;
        case type_kind::decimal:
            return source.length == target.length && source.decimals == target.decimals
                       ? key_part_form::packed
                       : key_part_form::unknown;
        case type_kind::date:
        case type_kind::time:
        case type_kind::datetime:
        case type_kind::timestamp:
            return source.fraction_digits <= target.fraction_digits ? key_part_form::moment
                                                                    : key_part_form::unknown;
        case type_kind::binary:
        case type_kind::varbinary:
        case type_kind::tinyblob:
        case type_kind::blob:
        case type_kind::mediumblob:
        case type_kind::longblob:
        case type_kind::uuid:
        case type_kind::inet4:
        case type_kind::inet6:
            return key_part_form::raw;
        default:
            return key_part_form::unknown;
    }
}

inline void hash_real(stable_hash& h, const value_view& v) noexcept {
    double d = v.kind == value_kind::float32 ? static_cast<double>(v.f) : v.d;
    if (d == 0) d = 0;  // -0 equals 0
    std::uint64_t bits = 0;
    std::memcpy(&bits, &d, sizeof bits);
    h.add(bits);
}

inline void hash_bytes(stable_hash& h,
                       byte_view b,
                       std::uint32_t prefix,
                       std::uint8_t pad) noexcept {
    std::size_t n = b.size();
    if (prefix != 0 && n > prefix) n = prefix;
    while (n > 0 && b[n - 1] == pad) --n;
    h.add(b.first(n));
}

/// False where the value is NULL, is not there, or has a weight that is not known.
inline bool hash_part(stable_hash& h, const key_part_plan& part, const value_view& v) noexcept {
    if (v.is_null() || v.is_absent()) return false;
    switch (part.form) {
        case key_part_form::number:
            h.add(v.u);
            break;
        case key_part_form::real:
            hash_real(h, v);
            break;
        case key_part_form::packed:
            h.add(v.bytes());
            break;
        case key_part_form::moment:
            h.add(v.u);
            h.add(v.size);
            break;
        case key_part_form::padded:
            hash_bytes(h, v.bytes(), part.prefix, ' ');
            break;
        case key_part_form::raw:
            hash_bytes(h, v.bytes(), part.prefix, 0);
            break;
        case key_part_form::words:
            return part.order->each_weight(
                as_text(v.bytes()), part.prefix, [&h](std::uint32_t weight) { h.add(weight); });
        case key_part_form::unknown:
            break;
    }
    return true;
}

/// A column's place among the written ones; npos where it is not written.
inline std::size_t written_index(const table_plan& plan, std::string_view quoted) {
    const auto at =
        std::find_if(plan.columns.begin(), plan.columns.end(), [&](const written_column& c) {
            return schema::same_name(c.quoted_name, quoted);
        });
    return at == plan.columns.end() ? schema::npos
                                    : static_cast<std::size_t>(at - plan.columns.begin());
}

inline bool is_extracted(const plan_input& in, std::string_view column) {
    return std::any_of(in.extracted.begin(), in.extracted.end(), [&](const extracted_column& x) {
        return schema::same_name(x.column, column);
    });
}

inline bool finds_one_row(const schema::key& key,
                          const schema::table& holder,
                          const plan_input& in,
                          const table_plan& plan) {
    for (const auto& part : key.parts) {
        if (part.column.empty() || part.length) return false;
        if (is_extracted(in, part.column)) continue;  // a constant; WHERE always has it
        const std::size_t place = written_index(plan, quoted_identifier(part.column));
        if (place == schema::npos) return false;
        const std::size_t own = holder.find_column(part.column);
        if (own == schema::npos || holder.columns[own].nullable) return false;
        const std::size_t image = plan.columns[place].image_column;
        if (in.source->columns[in.image_columns[image]].nullable &&
            key.kind != schema::key_kind::primary)
            return false;
    }
    // A key of constants alone says nothing about rows.
    return std::any_of(key.parts.begin(), key.parts.end(), [&](const schema::key_part& part) {
        return !is_extracted(in, part.column);
    });
}

inline key_plan plan_key(const schema::key& key, const plan_input& in) {
    key_plan out;
    out.name = key.name;
    out.seed = seed_of(in.target_name, key.name);
    for (const auto& part : key.parts) {
        key_part_plan p;
        p.column = part.column;
        const schema::table& goal = in.target != nullptr ? *in.target : *in.source;
        const std::size_t goal_at =
            part.column.empty() ? schema::npos : goal.find_column(part.column);
        const std::size_t source_at =
            part.column.empty() ? schema::npos : in.source->find_column(part.column);
        const auto image = std::find(in.image_columns.begin(), in.image_columns.end(), source_at);
        // An expression, or a column that the target computes itself: the value is not in the
        // image.
        if (goal_at == schema::npos || source_at == schema::npos ||
            image == in.image_columns.end() || goal.columns[goal_at].is_generated()) {
            out.parts.push_back(p);
            continue;
        }
        p.image_column = static_cast<std::uint32_t>(image - in.image_columns.begin());
        if (std::find(in.unlike.begin(), in.unlike.end(), part.column) == in.unlike.end())
            p.form = key_form(in.source->columns[source_at], goal.columns[goal_at]);
        if (p.form == key_part_form::words) {
            p.order = std::make_shared<const dmlib::internal::text_order>(
                dmlib::internal::text_order::of(goal.columns[goal_at].collation));
            p.collation = goal.columns[goal_at].collation;
        }
        p.prefix = static_cast<std::uint32_t>(part.length.value_or(0));
        p.in_image = true;
        p.omitted_is_null = omitted_is_null(in.source->columns[source_at]);
        out.parts.push_back(p);
    }
    return out;
}

/// Whether the target's column keeps what an INSERT stored in a column that its image leaves out.
inline bool keeps_default(const schema::column& source, const value_fit& fit) {
    if (omitted_is_null(source)) return true;
    if (source.default_value.kind != schema::default_kind::literal) return !fit.crosses();
    return !fit.changes(
        value_view::make_bytes(value_kind::text, as_bytes(source.default_value.text)));
}

inline void plan_columns(const plan_input& in, table_plan& plan, std::optional<error>& fault) {
    for (std::size_t i = 0; i < in.image_columns.size(); ++i) {
        const schema::column& column = in.source->columns[in.image_columns[i]];
        const schema::column* goal = nullptr;
        if (in.target != nullptr) {
            const std::size_t at = in.target->find_column(column.name);
            if (at == schema::npos) {
                if (column.is_generated() || column.hidden) continue;
                fault =
                    error{errc::db_unknown_column,
                          fmt::format("the target's table {} lacks column {} of the source's {}",
                                      quoted(in.target_name),
                                      quoted_identifier(column.name),
                                      quoted(in.source->full_name()))}
                        .table(in.source->schema, in.source->name);
                return;
            }
            goal = &in.target->columns[at];
            if (goal->is_generated()) continue;
        } else if (column.is_generated() || column.hidden) {
            continue;
        }
        if (column.period != schema::row_bound::none) continue;
        plan.any_enum = plan.any_enum || column.type == type_kind::enum_;
        plan.columns.push_back({static_cast<std::uint32_t>(i),
                                quoted_identifier(goal != nullptr ? goal->name : column.name),
                                make_column_writer(column, goal, in.dialect),
                                omitted_value(column, goal)});
        auto& written = plan.columns.back();
        written.uncertain =
            std::find(in.uncertain.begin(), in.uncertain.end(), i) != in.uncertain.end();
        plan.any_refusing = plan.any_refusing || written.writer.may_refuse();
        if (goal == nullptr) continue;
        written.updates_itself = !goal->on_update.empty();
        written.fit = value_fit::between(column, *goal);
        plan.any_fit = plan.any_fit || written.fit;
        if (written.fit && !keeps_default(column, *written.fit)) written.omitted.reset();
    }
}

/// Constants of routes: part of every INSERT and of every WHERE (plan_where), so that rows of other
/// tables that go to the same target are left alone.
inline std::optional<error> plan_extracted(const plan_input& in, table_plan& plan) {
    const schema::table& goal = in.target != nullptr ? *in.target : *in.source;
    for (const extracted_column& x : in.extracted) {
        const std::string name = quoted_identifier(x.column);
        error fault{errc::config_rule,
                    fmt::format("a route fills column {} of {}, which the source's {} has, too",
                                name,
                                quoted(in.target_name),
                                quoted(in.source->full_name()))};
        if (in.source->find_column(x.column) == schema::npos) {
            const std::size_t at = goal.find_column(x.column);
            if (at != schema::npos && !goal.columns[at].is_generated()) {
                if (auto lost = filled_fault(
                        x.value, goal.columns[at], in.source->full_name(), in.target_name))
                    return lost;
                plan.insert_tail += ',';
                append_quoted(plan.insert_tail, x.value);
                plan.set_tail += ',' + name + '=';
                append_quoted(plan.set_tail, x.value);
                continue;
            }
            fault = error{errc::db_unknown_column,
                          fmt::format("the target's table {} has no column {} for a route to fill",
                                      quoted(in.target_name),
                                      name)};
            if (at != schema::npos) {
                fault = error{errc::config_rule,
                              fmt::format("the target's table {} computes column {} by itself, "
                                          "which a route fills",
                                          quoted(in.target_name),
                                          name)};
                fault.workaround(
                    "Make it an ordinary column on the target, or name another one as the route's "
                    "target-column; dmlib check prints the statement.");
            }
        }
        return fault.table(in.source->schema, in.source->name);
    }
    return std::nullopt;
}

inline void plan_where(const plan_input& in, table_plan& plan) {
    const schema::table& goal = in.target != nullptr ? *in.target : *in.source;
    // Only a key that the target has can promise to find one row there.
    for (const schema::key* key : goal.unique_keys()) {
        if (!finds_one_row(*key, goal, in, plan)) continue;
        std::vector<std::uint32_t>& into =
            plan.keys.empty() ? plan.where : plan.other_where.emplace_back();
        for (const auto& part : key->parts) {
            if (is_extracted(in, part.column)) continue;  // in where_tail
            into.push_back(
                static_cast<std::uint32_t>(written_index(plan, quoted_identifier(part.column))));
        }
        if (plan.keys.empty()) plan.keys.push_back(plan_key(*key, in));
    }
    if (plan.keys.empty()) {
        plan.keyless = true;
        for (std::uint32_t i = 0; i < plan.columns.size(); ++i) plan.where.push_back(i);
    }
    for (const schema::key* key : goal.unique_keys()) {
        if (!plan.keys.empty() && plan.keys.front().name == key->name) continue;
        plan.keys.push_back(plan_key(*key, in));
    }
}

/// Without a key the texts of two tables are told apart byte for byte, as the rest of a row is; and
/// servers compare JSON with a text as another kind of value.
inline void plan_where_tail(const plan_input& in, table_plan& plan) {
    const schema::table& goal = in.target != nullptr ? *in.target : *in.source;
    for (const extracted_column& x : in.extracted) {
        const schema::column& column = goal.columns[goal.find_column(x.column)];
        const column_writer writer = make_column_writer(filled_column(column), &column, in.dialect);
        const auto value = value_view::make_bytes(value_kind::bytes, as_bytes(x.value));
        const std::string name = quoted_identifier(x.column);
        plan.where_tail += " AND ";
        if (plan.keyless || column.type == type_kind::json) {
            writer.append_identical(plan.where_tail, name, value);
        } else {
            writer.append_equal(plan.where_tail, name, value);
        }
    }
}

inline bool is_written(const table_plan& plan, const schema::column& c) {
    return written_index(plan, quoted_identifier(c.name)) != schema::npos;
}

/// Every column of the target that no row writes can do without a value.
inline bool others_have_values(const schema::table& target, const table_plan& plan) {
    return std::all_of(target.columns.begin(), target.columns.end(), [&](const schema::column& c) {
        return c.is_generated() || is_written(plan, c) ||
               (!c.hidden && !c.auto_increment &&
                (c.nullable || c.default_value.kind != schema::default_kind::none));
    });
}

/// Engines that are known to roll back.
inline bool undoes(std::string_view engine) noexcept {
    for (const std::string_view one : {"InnoDB", "ROCKSDB", "TokuDB"}) {
        if (schema::same_name(engine, one)) return true;
    }
    return false;
}

/// TiDB compares members by name: a change between an ENUM's error value 0 and a member '' counts
/// as none there, so that the count of an upsert would say nothing.
inline bool names_tell_members(const schema::column& c) {
    for (std::size_t i = 0; i < c.members.size(); ++i) {
        if (c.members[i].empty()) return false;
        for (std::size_t k = 0; k < i; ++k) {
            if (schema::same_name(c.members[i], c.members[k])) return false;
        }
    }
    return true;
}

/// An INSERT of a row that is there and an UPDATE of it are the same on the target.
inline bool may_upsert(const plan_input& in, const table_plan& plan) {
    if (plan.keyless || plan.cascades || !plan.transactional || plan.may_lack_rows ||
        in.target_triggers || in.target == nullptr || !in.extracted.empty())
        return false;
    // Of several unique keys an INSERT could meet another row than WHERE finds.
    if (plan.keys.size() != 1) return false;
    // What a wrong upsert did has to be undone.
    if (!undoes(in.target->engine)) return false;
    if (!std::all_of(in.target->columns.begin(), in.target->columns.end(), names_tell_members))
        return false;
    // A changed row leaves its history there.
    if (in.target->system_versioned || !in.target->periods.empty()) return false;
    return others_have_values(*in.target, plan);
}

/// Whether an INSERT that leaves the column out still gets as far as to find the row that is there,
/// and an UPDATE leaves the column alone.
inline bool can_be_left_out(const schema::column& c) {
    const auto kind = c.default_value.kind;
    const bool has_value =
        kind == schema::default_kind::null || kind == schema::default_kind::literal;
    return has_value && c.on_update.empty() && !c.auto_increment && !c.hidden;
}

/// Checks and generated columns would be computed from the defaults of what is left out.
inline void plan_narrow(const schema::table& target, table_plan& plan) {
    const bool plain = target.checks.empty() &&
                       std::none_of(target.columns.begin(),
                                    target.columns.end(),
                                    [](const schema::column& c) { return c.is_generated(); });
    if (!plain || plan.columns.size() > 64) return;
    plan.can_narrow = true;
    for (const std::uint32_t i : plan.where) plan.kept |= std::uint64_t{1} << i;
    for (const schema::column& c : target.columns) {
        const std::size_t i = written_index(plan, quoted_identifier(c.name));
        if (i != schema::npos && !can_be_left_out(c)) plan.kept |= std::uint64_t{1} << i;
    }
}

inline void plan_upsert(const plan_input& in, table_plan& plan) {
    // An upsert sets every column but the key.
    if (!may_upsert(in, plan) || plan.columns.size() == plan.where.size()) return;
    plan.can_upsert = true;
    // VALUES() is deprecated where a row can have a name: it costs a warning each time.
    plan.names_row = in.dialect == target_dialect::mysql && in.version.at_least(8, 0, 20);
    plan.can_replace = std::all_of(
        in.target->columns.begin(), in.target->columns.end(), [&](const schema::column& c) {
            return c.is_generated() || is_written(plan, c);
        });
    plan_narrow(*in.target, plan);
}

inline bool is_exact_number(const plan_input& in, const table_plan& plan) {
    if (plan.keyless || plan.where.size() != 1 || !in.extracted.empty()) return false;
    const schema::table& goal = in.target != nullptr ? *in.target : *in.source;
    const schema::column& from =
        in.source->columns[in.image_columns[plan.columns[plan.where.front()].image_column]];
    const std::size_t at = goal.find_column(from.name);
    return at != schema::npos && from.is_integer() && goal.columns[at].is_integer();
}

}  // namespace internal

namespace internal {

/// A key's value as an image has it, or an image filled up from another one.
enum class key_value : std::uint8_t { known, null, unknown };

inline value_view value_in(std::span<const value_view> image, const key_part_plan& part) noexcept {
    return part.image_column < image.size() ? image[part.image_column] : value_view{};
}

/// `filler`: where to look for columns that `image` leaves out.
inline key_value read_key(const key_plan& key,
                          std::span<const value_view> image,
                          std::span<const value_view> filler,
                          std::uint64_t& hash) noexcept {
    stable_hash h{key.seed};
    bool unknown = false;
    for (const auto& part : key.parts) {
        if (part.form == key_part_form::unknown) continue;
        value_view v = value_in(image, part);
        if (v.is_absent()) v = value_in(filler, part);
        if (v.is_null()) return key_value::null;
        if (v.is_absent()) {
            unknown = true;
        } else if (!hash_part(h, part, v)) {
            unknown = true;
        }
    }
    hash = h.value();
    return unknown ? key_value::unknown : key_value::known;
}

/// True where an update may change the key: its after image has a column of it, or a part's value
/// is not in images at all.
inline bool touches(const key_plan& key, std::span<const value_view> after) noexcept {
    return std::any_of(key.parts.begin(), key.parts.end(), [&](const key_part_plan& part) {
        return !part.in_image || !value_in(after, part).is_absent();
    });
}

/// An insert that leaves out a column whose default is NULL has no value of this key.
inline bool omits_to_null(const key_plan& key, std::span<const value_view> after) noexcept {
    return std::any_of(key.parts.begin(), key.parts.end(), [&](const key_part_plan& part) {
        return part.omitted_is_null && value_in(after, part).is_absent();
    });
}

inline void add_once(std::vector<std::uint64_t>& out, std::uint64_t hash) {
    if (std::find(out.begin(), out.end(), hash) == out.end()) out.push_back(hash);
}

}  // namespace internal

DMLIB_DECL std::optional<std::uint64_t> key_plan::hash(
    std::span<const value_view> image) const noexcept {
    std::uint64_t h = 0;
    if (internal::read_key(*this, image, {}, h) != internal::key_value::known) return std::nullopt;
    return h;
}

DMLIB_DECL result<std::shared_ptr<const table_plan>> make_table_plan(const plan_input& in) {
    auto plan = std::make_shared<table_plan>();
    plan->source = in.source->full_name();
    plan->target = in.target_name;
    plan->quoted_target = quoted(in.target_name);
    plan->table_seed = internal::seed_of(in.target_name, "");
    if (!in.cascade_group.empty()) {
        plan->cascades = true;
        plan->cascade_group = in.cascade_group;
        plan->table_seed = internal::seed_of({"", ""}, in.cascade_group);
    }
    plan->transactional = in.target == nullptr || internal::has_transactions(in.target->engine);
    plan->may_lack_rows = in.may_lack_rows;
    plan->extracted.assign(in.extracted.begin(), in.extracted.end());
    plan->mappings.assign(in.mappings.begin(), in.mappings.end());
    std::optional<error> fault;
    internal::plan_columns(in, *plan, fault);
    if (!fault) fault = internal::plan_extracted(in, *plan);
    if (fault) return *fault;
    internal::plan_where(in, *plan);
    internal::plan_where_tail(in, *plan);
    std::string list;
    for (const auto& c : plan->columns) {
        if (!list.empty()) list += ',';
        list += c.quoted_name;
    }
    for (const auto& x : in.extracted)
        list += (list.empty() ? "" : ",") + quoted_identifier(x.column);
    plan->insert_head = fmt::format("INSERT INTO {} ({}) VALUES ", plan->quoted_target, list);
    plan->replace_head = fmt::format("REPLACE INTO {} ({}) VALUES ", plan->quoted_target, list);
    plan->in_order = in.target_triggers;
    internal::plan_upsert(in, *plan);
    plan->in_list = internal::is_exact_number(in, *plan);
    return std::shared_ptr<const table_plan>(std::move(plan));
}

DMLIB_DECL result<void> check_fit(const table_plan& plan, std::span<const value_view> after) {
    if (!plan.any_fit || after.empty()) return {};
    for (const written_column& c : plan.columns) {
        const value_view& v = after[c.image_column];
        if (c.fit && c.fit->changes(v)) return c.fit->fault(plan.source, plan.target, v);
    }
    return {};
}

DMLIB_DECL void name_filled_column(error& fault,
                                   const table_name& target,
                                   std::span<const extracted_column> extracted,
                                   std::span<const column_mapping> mappings) {
    if (fault.code() != errc::db_data_too_long) return;
    const std::string message = fold_case(fault.message());
    const auto names = [&](const std::string& column) {
        const std::string low = fold_case(column);
        return message.find("column '" + low + "'") != std::string::npos ||
               message.find(fold_case(quoted_identifier(column))) != std::string::npos;
    };
    const auto column_of = [&](const std::string& column) {
        return "column " + quoted_identifier(column) + " of the target's table " + quoted(target);
    };
    constexpr std::string_view rest = "; dmlib check prints the statement. Then run again.";
    for (const extracted_column& x : extracted) {
        if (!names(x.column)) continue;
        fault.workaround(
            fmt::format("A route fills {} with {}: make it a text of {} characters "
                        "at least{}",
                        column_of(x.column),
                        quoted_literal(x.value),
                        x.value.size(),
                        rest));
        return;
    }
    for (const column_mapping& m : mappings) {
        if (!names(m.column)) continue;
        fault.workaround(
            m.kind == mapping_kind::partition_id
                ? fmt::format("column-mappings {} writes numbers of 63 bits into {}: make it a "
                              "BIGINT{}",
                              m.rule,
                              column_of(m.column),
                              rest)
                : fmt::format("column-mappings {} adds {} to each value: make {} so much wider "
                              "than the source's{}",
                              m.rule,
                              quoted_literal(m.text),
                              column_of(m.column),
                              rest));
        return;
    }
}

DMLIB_DECL key_effect collect_keys(const table_plan& plan,
                                   std::span<const value_view> before,
                                   std::span<const value_view> after,
                                   std::vector<std::uint64_t>& out) {
    using internal::key_value;
    out.clear();
    key_effect effect;
    std::uint64_t hash = plan.table_seed;
    if (!plan.keyless && !plan.cascades) {
        const key_plan& identity = plan.keys.front();
        const auto state = internal::read_key(identity, before.empty() ? after : before, {}, hash);
        if (state == key_value::null) hash = identity.seed;
        if (state == key_value::unknown) {
            hash = plan.table_seed;
            effect.wild = true;
        }
    }
    out.push_back(hash);
    for (const auto& key : plan.keys) {
        const bool changes = before.empty() || after.empty() || internal::touches(key, after);
        std::optional<std::uint64_t> old;
        if (!before.empty()) {
            const auto state = internal::read_key(key, before, {}, hash);
            if (state == key_value::known) {
                old = hash;
                internal::add_once(out, hash);
            }
            if (state == key_value::unknown && changes) effect.frees_unknown = true;
        }
        if (after.empty() || !changes) continue;
        const auto state = internal::read_key(key, after, before, hash);
        if (state == key_value::known) {
            internal::add_once(out, hash);
            effect.takes_value = effect.takes_value || old != hash;
        }
        if (state == key_value::unknown && !(before.empty() && internal::omits_to_null(key, after)))
            effect.wild = true;
    }
    return effect;
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
