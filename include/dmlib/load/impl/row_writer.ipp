#pragma once

#include <dmlib/dml/batch.hpp>
#include <dmlib/dml/table_plan.hpp>
#include <dmlib/load/row_writer.hpp>
#include <dmlib/model/charset.hpp>
#include <dmlib/model/transcode.hpp>
#include <dmlib/mysql/bulk_statement.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

namespace internal {

inline bool is_utf8_name(std::string_view charset) noexcept {
    return charset == "utf8mb4" || charset == "utf8mb3" || charset == "utf8";
}

// Charsets whose bytes may be handed to the target as they are.
inline bool same_bytes(const schema::column& from,
                       const schema::column& to,
                       target_dialect dialect) noexcept {
    if (from.is_character() != to.is_character()) return false;
    if (!from.is_character()) return !from.is_geometry() && !to.is_geometry();
    if (dialect == target_dialect::tidb && !is_utf8_name(from.charset) && from.charset != "ascii" &&
        from.charset != "binary")
        return false;
    if (is_utf8_name(from.charset) && is_utf8_name(to.charset)) return true;
    return from.charset == to.charset;
}

// TiDB, a column that became UTF-8 there: a charset whose ASCII is ASCII is transcoded here, by the
// function that the INSERT's literals are made with. MariaDB's ascii may hold other bytes, which
// are no characters, but might be those of UTF-8.
inline bool can_transcode(const schema::column& from,
                          const schema::column& to,
                          target_dialect dialect) noexcept {
    if (!from.is_character() || !to.is_character() || !is_utf8_name(to.charset)) return false;
    if (from.charset == "ascii") return true;
    if (dialect != target_dialect::tidb || from.charset == "binary" || from.charset == "swe7")
        return false;
    const charset_info* info = find_charset(from.charset);
    return info != nullptr && info->min_bytes == 1;
}

inline bool is_ascii_text(std::string_view bytes) noexcept {
    return std::none_of(bytes.begin(), bytes.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0x80) != 0;
    });
}

inline bool same_type(const schema::column& from, const schema::column& to) noexcept {
    return from.type == to.type && from.members == to.members;
}

inline load_field load_form(const schema::column& from,
                            const schema::column& to,
                            dump::field_form form,
                            target_dialect dialect) noexcept {
    using kind = schema::type_kind;
    switch (form) {
        case dump::field_form::number:
            return same_type(from, to) ? load_field::number : load_field::refused;
        case dump::field_form::bytes:
            if (from.type == kind::vector || to.type == kind::vector) return load_field::refused;
            if (to.type == kind::json || to.type == kind::inet4 || to.type == kind::inet6 ||
                to.type == kind::uuid || to.type == kind::enum_ || to.type == kind::set)
                return load_field::refused;
            return same_bytes(from, to, dialect) || can_transcode(from, to, dialect)
                       ? load_field::direct
                       : load_field::refused;
        case dump::field_form::text:
            break;
    }
    if (from.type == kind::json) {
        if (to.type == kind::json) return load_field::json;
        return to.is_character() && is_utf8_name(to.charset) ? load_field::direct
                                                             : load_field::refused;
    }
    const bool plain = from.is_numeric() || from.is_temporal() || from.type == kind::year;
    return plain && from.type == to.type ? load_field::direct : load_field::refused;
}

inline error column_error(errc code,
                          const dump::source_table& source,
                          const table_name& target,
                          const std::string& what) {
    error e(code, "The target's table " + quoted(target) + " " + what);
    e.table(source.definition.schema, source.definition.name);
    return e;
}

inline result<void> plan_extracted(const dump::source_table& source,
                                   const schema::table& target,
                                   const std::vector<extracted_column>& extracted,
                                   write_plan& plan) {
    for (const extracted_column& x : extracted) {
        const std::string name = quoted_identifier(x.column);
        if (source.definition.find_column(x.column) != schema::npos)
            return column_error(
                errc::config_rule,
                source,
                plan.target,
                "gets its column " + name + " from a route, but the source's table has it, too");
        const std::size_t place = target.find_column(x.column);
        if (place != schema::npos && target.columns[place].is_generated())
            return column_error(errc::load_definition,
                                source,
                                plan.target,
                                "computes the column " + name + " by itself, which a route fills")
                .workaround(
                    "Make it an ordinary column on the target, or name another one as the route's "
                    "target-column; dmlib check prints the statement.");
        if (place == schema::npos)
            return column_error(errc::db_unknown_column,
                                source,
                                plan.target,
                                "lacks the column " + name + " that a route fills");
        if (auto fault = dml::filled_fault(
                x.value, target.columns[place], source.definition.full_name(), plan.target))
            return std::move(*fault);
        plan.insert_tail += ',';
        dml::append_quoted(plan.insert_tail, x.value);
    }
    plan.extracted = extracted;
    return {};
}

inline result<void> check_other_columns(const dump::source_table& source,
                                        const schema::table& target,
                                        const table_name& target_name,
                                        const std::vector<extracted_column>& extracted) {
    for (const schema::column& c : target.columns) {
        const std::size_t place = source.definition.find_column(c.name);
        const bool filled = std::any_of(source.select.begin(),
                                        source.select.end(),
                                        [place](const auto& s) { return s.column == place; });
        const bool by_itself = c.nullable || c.auto_increment || c.is_generated() || c.hidden ||
                               c.default_value.kind != schema::default_kind::none;
        const bool by_route =
            std::any_of(extracted.begin(), extracted.end(), [&](const extracted_column& x) {
                return schema::same_name(x.column, c.name);
            });
        if (filled || by_itself || by_route) continue;
        return column_error(errc::load_definition,
                            source,
                            target_name,
                            "has the column " + quoted_identifier(c.name) +
                                " without a default, which the source's table does not have");
    }
    return {};
}

inline std::string field_value(load_field how, const std::string& name) {
    if (how == load_field::json) return "CONVERT(" + name + " USING utf8mb4)";
    return how == load_field::number ? "CAST(" + name + " AS UNSIGNED)" : name;
}

inline void build_statements(write_plan& plan) {
    std::string names, fields, assignments, values;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        const written_column& c = plan.columns[i];
        const std::string name = quoted_identifier(c.name);
        const std::string variable = "@dmlib_" + std::to_string(i);
        const char* comma = i == 0 ? "" : ",";
        names += comma + name;
        values += comma + field_value(c.load, "?");
        if (c.load == load_field::direct) {
            fields += comma + name;
            continue;
        }
        fields += comma + variable;
        assignments += (assignments.empty() ? " SET " : ",") + name + "=";
        assignments += field_value(c.load, variable);
    }
    for (const extracted_column& x : plan.extracted) {
        assignments += (assignments.empty() ? " SET " : ",") + quoted_identifier(x.column) + "=";
        dml::append_quoted(assignments, x.value);
        names += (names.empty() ? "" : ",") + quoted_identifier(x.column);
    }
    plan.insert_head = (plan.replaces ? "REPLACE INTO " : "INSERT INTO ") + quoted(plan.target) +
                       " (" + names + ") VALUES ";
    plan.bulk_statement = plan.insert_head + "(" + values + plan.insert_tail + ")";
    plan.load_statement = "LOAD DATA LOCAL INFILE 'dmlib' " +
                          std::string(plan.replaces ? "REPLACE " : "") + "INTO TABLE " +
                          quoted(plan.target) +
                          " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' "
                          "LINES TERMINATED BY '\\n' (" +
                          fields + ")" + assignments;
}

}  // namespace internal

DMLIB_DECL result<std::shared_ptr<const write_plan>> make_write_plan(
    const dump::source_table& source,
    const schema::table& target,
    const table_name& target_name,
    target_dialect dialect,
    write_ways allowed,
    const std::vector<column_mapping>& mappings,
    const std::vector<extracted_column>& extracted) {
    auto plan = std::make_shared<write_plan>();
    plan->source = source.definition.full_name();
    plan->target = target_name;
    plan->can_load = allowed.load;
    plan->can_bulk = allowed.bulk;
    plan->replaces = allowed.replace;
    std::map<std::size_t, const column_mapping*> mapped;  // by the place in the source's table
    for (const column_mapping& m : mappings) {
        const auto at = mapped_column(m, source.definition);
        if (!at) return at.error();
        mapped.emplace(*at, &m);
    }
    for (const dump::selected_column& selected : source.select) {
        const schema::column& from = source.definition.columns[selected.column];
        const std::size_t place = target.find_column(from.name);
        if (place == schema::npos)
            return internal::column_error(errc::db_unknown_column,
                                          source,
                                          target_name,
                                          "lacks the column " + quoted_identifier(from.name));
        const schema::column& to = target.columns[place];
        if (to.is_generated())
            return internal::column_error(
                errc::load_definition,
                source,
                target_name,
                "computes the column " + quoted_identifier(from.name) +
                    " by itself, but on the source it holds values of its own");
        written_column c;
        c.name = to.name;
        c.form = selected.form;
        c.load = internal::load_form(from, to, selected.form, dialect);
        c.escaped =
            selected.form == dump::field_form::bytes || from.type == schema::type_kind::json;
        c.is_enum = from.type == schema::type_kind::enum_;
        if (c.load == load_field::direct && c.form == dump::field_form::bytes &&
            !internal::same_bytes(from, to, dialect))
            c.transcode = from.charset;
        plan->transcodes = plan->transcodes || !c.transcode.empty();
        c.writer = dml::make_column_writer(from, &to, dialect);
        if (const auto m = mapped.find(selected.column); m != mapped.end()) {
            c.mapping = *m->second;
            c.load = load_field::refused;
        }
        // Values that are cut in silence are looked at one by one.
        c.fit = dml::value_fit::between(from, to);
        if (c.fit && !c.fit->server_tells()) c.load = load_field::refused;
        plan->has_enum = plan->has_enum || c.is_enum;
        plan->can_load = plan->can_load && c.load != load_field::refused;
        plan->can_bulk = plan->can_bulk && c.load != load_field::refused && c.transcode.empty();
        plan->columns.push_back(std::move(c));
    }
    if (auto others = internal::check_other_columns(source, target, target_name, extracted);
        !others)
        return others.error();
    if (auto fine = internal::plan_extracted(source, target, extracted, *plan); !fine)
        return fine.error();
    internal::build_statements(*plan);
    return std::shared_ptr<const write_plan>(std::move(plan));
}

namespace internal {

inline constexpr std::array<bool, 256> escaped_bytes = [] {
    std::array<bool, 256> t{};
    t['\\'] = t['\t'] = t['\n'] = t['\0'] = true;
    return t;
}();

// Bytes of a field for LOAD DATA.
inline void append_escaped(std::string& out, std::string_view bytes) {
    const char* from = bytes.data();
    const char* const end = from + bytes.size();
    for (const char* p = from; p != end; ++p) {
        if (!escaped_bytes[static_cast<unsigned char>(*p)]) continue;
        out.append(from, p);
        out.push_back('\\');
        out.push_back(*p == '\0' ? '0' : *p == '\t' ? 't' : *p == '\n' ? 'n' : '\\');
        from = p + 1;
    }
    out.append(from, end);
}

// Turns a batch into LOAD DATA's lines, as much at a time as the connection asks for.
class line_encoder {
public:
    line_encoder(const write_plan& plan, const dump::row_batch& batch)
        : plan_(plan), fields_(batch.data) {
        pending_.reserve(std::size_t{256} << 10);
    }

    std::size_t fill(char* buffer, std::size_t size) {
        if (taken_ == pending_.size()) refill();
        const std::size_t n = std::min(size, pending_.size() - taken_);
        std::memcpy(buffer, pending_.data() + taken_, n);
        taken_ += n;
        return n;
    }

private:
    void refill() {
        pending_.clear();
        taken_ = 0;
        while (!fields_.at_end() && pending_.size() < (std::size_t{128} << 10)) {
            for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
                if (i != 0) pending_.push_back('\t');
                const auto field = fields_.next();
                if (!field)
                    pending_ += "\\N";
                else if (!plan_.columns[i].transcode.empty())
                    append_transcoded(plan_.columns[i].transcode, *field);
                else if (plan_.columns[i].escaped)
                    append_escaped(pending_, *field);
                else
                    pending_ += *field;
            }
            pending_.push_back('\n');
        }
    }

    void append_transcoded(const std::string& charset, std::string_view field) {
        if (is_ascii_text(field)) {
            append_escaped(pending_, field);
            return;
        }
        // suits_load() has seen that it can be done.
        const auto text = to_utf8(field, charset);
        append_escaped(pending_, text ? std::string_view(*text) : field);
    }

    const write_plan& plan_;
    dump::field_cursor fields_;
    std::string pending_;
    std::size_t taken_ = 0;
};

/// What a statement says to have changed. A REPLACE counts rows that go, too.
inline bool is_count(const write_plan& plan, std::uint64_t affected, std::uint64_t rows) noexcept {
    return plan.replaces ? affected >= rows : affected == rows;
}

inline error write_error(const error& e, const write_plan& plan) {
    error out(e.code(), "Writing into " + quoted(plan.target) + ": " + e.message());
    out.server_errno(e.server_errno());
    out.table(plan.source.schema, plan.source.table);
    std::vector<column_mapping> mappings;
    for (const written_column& c : plan.columns) {
        if (c.mapping) mappings.push_back(*c.mapping);
    }
    dml::name_filled_column(out, plan.target, plan.extracted, mappings);
    return out;
}

}  // namespace internal

DMLIB_DECL bool suits_load(const write_plan& plan, const dump::row_batch& batch) {
    if ((!plan.can_load && !plan.can_bulk) || batch.rows == 0 || plan.failed_loads.load() >= 3)
        return false;
    if (!plan.has_enum && !plan.transcodes) return true;
    // ENUM's error value 0 is stored only in a lax sql_mode; bytes that a charset does not have are
    // for the INSERT to name.
    dump::field_cursor fields(batch.data);
    while (!fields.at_end())
        for (const written_column& c : plan.columns) {
            const auto field = fields.next();
            if (c.is_enum && field && *field == "0") return false;
            if (!c.transcode.empty() && field && !internal::is_ascii_text(*field) &&
                !to_utf8(*field, c.transcode))
                return false;
        }
    return true;
}

DMLIB_DECL result<write_report> load_batch(mysql::session& s,
                                           const write_plan& plan,
                                           const dump::row_batch& batch) {
    internal::line_encoder lines(plan, batch);
    auto done = s.load_data(plan.load_statement,
                            [&lines](char* buffer, std::size_t size) -> result<std::size_t> {
                                return lines.fill(buffer, size);
                            });
    if (!done) return internal::write_error(done.error(), plan);
    write_report report;
    report.rows = batch.rows;
    report.load_failed =
        !internal::is_count(plan, done->affected_rows, batch.rows) || done->warnings != 0;
    if (report.load_failed) plan.failed_loads.fetch_add(1);
    return report;
}

DMLIB_DECL result<write_report> bulk_batch(mysql::session& s,
                                           const write_plan& plan,
                                           const dump::row_batch& batch,
                                           const write_options& options) {
    auto statement = mysql::bulk_statement::prepare(s, plan.bulk_statement, plan.columns.size());
    if (!statement) return internal::write_error(statement.error(), plan);
    write_report report;
    dump::field_cursor fields(batch.data);
    while (!fields.at_end()) {
        for (std::size_t i = 0; i < plan.columns.size(); ++i) statement->add(fields.next());
        if (!fields.at_end() && statement->bytes() < options.statement_bytes) continue;
        const std::uint64_t sent = statement->rows();
        auto done = statement->execute();
        if (!done) return internal::write_error(done.error(), plan);
        report.rows += sent;
        if (internal::is_count(plan, done->affected_rows, sent) && done->warnings == 0) continue;
        report.load_failed = true;
        break;
    }
    if (report.load_failed) plan.failed_loads.fetch_add(1);
    return report;
}

namespace internal {

// Collects rows into INSERT statements and runs them.
class insert_runner {
public:
    insert_runner(mysql::session& s, const write_plan& plan, const write_options& options)
        : session_(s), plan_(plan), options_(options) {}

    result<void> add_row(dump::field_cursor& fields) {
        row_.clear();
        row_ += '(';
        std::uint32_t lax = 0;
        for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
            if (i != 0) row_ += ',';
            auto value = value_of(fields.next(), plan_.columns[i].form);
            if (plan_.columns[i].mapping) {
                auto mapped = plan_.columns[i].mapping->apply(value, mapped_);
                if (!mapped) {
                    error fault = mapped.error();
                    return fault.table(plan_.source.schema, plan_.source.table);
                }
                value = *mapped;
            }
            const auto& fit = plan_.columns[i].fit;
            if (fit && fit->changes(value)) return fit->fault(plan_.source, plan_.target, value);
            if (auto fine = plan_.columns[i].writer.check(value); !fine)
                return value_error(plan_.columns[i], fine.error());
            if (plan_.columns[i].writer.needs_lenient_mode(value)) ++lax;
            plan_.columns[i].writer.append(row_, value);
        }
        row_ += plan_.insert_tail;
        row_ += ')';
        if (lax != 0) return run_lax();
        if (rows_ != 0 && statement_.size() + row_.size() > options_.statement_bytes)
            if (auto done = flush(); !done) return done;
        append_row();
        return {};
    }

    result<void> flush() {
        if (rows_ == 0) return {};
        auto done = session_.execute(statement_);
        if (!done) return write_error(done.error(), plan_);
        if (!is_count(plan_, done->affected_rows, rows_)) return wrong_count(done->affected_rows);
        written_ += rows_;
        rows_ = 0;
        if (done->warnings != 0) return check_warnings(false);
        return {};
    }
    std::uint64_t written() const noexcept { return written_; }

private:
    error value_error(const written_column& column, const error& fault) const {
        error e =
            write_error(error(fault.code(),
                              "column " + quoted_identifier(column.name) + ": " + fault.message()),
                        plan_);
        e.workaround(std::string(fault.workaround()));
        return e;
    }

    static value_view value_of(const std::optional<std::string_view>& field,
                               dump::field_form form) {
        if (!field) return value_view::make_null();
        switch (form) {
            case dump::field_form::bytes:
                return value_view::make_bytes(value_kind::bytes, as_bytes(*field));
            case dump::field_form::number: {
                const auto n = checkpoint::key_number::parse(*field);
                if (n) return value_view::make_uint(n->bits);
                break;
            }
            case dump::field_form::text:
                break;
        }
        return value_view::make_bytes(value_kind::text, as_bytes(*field));
    }

    void append_row() {
        if (rows_ == 0)
            statement_ = plan_.insert_head;
        else
            statement_ += ',';
        statement_ += row_;
        ++rows_;
    }

    // One row with a value that strict mode refuses although the source holds it.
    result<void> run_lax() {
        std::string row = std::exchange(row_, {});
        if (auto done = flush(); !done) return done;
        if (auto set = set_mode(dml::lenient_mode); !set) return set;
        auto done = session_.execute(plan_.insert_head + row);
        if (!done) return write_error(done.error(), plan_);
        if (!is_count(plan_, done->affected_rows, 1)) return wrong_count(done->affected_rows);
        ++written_;
        if (auto fine = check_warnings(true); !fine) return fine;
        return set_mode(dml::strict_mode);
    }

    result<void> set_mode(std::string_view mode) {
        auto done = session_.execute("SET SESSION sql_mode='" + std::string(mode) + "'");
        if (!done) return write_error(done.error(), plan_);
        return {};
    }

    error wrong_count(std::uint64_t affected) const {
        error e(errc::db_affected_rows,
                "An INSERT of " + std::to_string(std::max<std::uint64_t>(rows_, 1)) +
                    " rows into " + quoted(plan_.target) + " wrote " + std::to_string(affected) +
                    ".");
        e.table(plan_.source.schema, plan_.source.table);
        return e;
    }

    // 1265 of an ENUM is the only warning that stands for what the source holds too.
    result<void> check_warnings(bool lax) {
        auto rows = session_.query("SHOW WARNINGS");
        if (!rows) return write_error(rows.error(), plan_);
        for (std::size_t i = 0; i < rows->size(); ++i) {
            const std::string code(rows->text(i, 1));
            if (lax && code == "1265") continue;
            // Deprecations of functions, types and charset names that no value depends on.
            if (code == "1287" || code == "1681" || code == "3719" || code == "4079") continue;
            error e(errc::load_write,
                    "Writing into " + quoted(plan_.target) + " would change a value: " +
                        std::string(rows->text(i, 2)) + " (" + code + ")");
            e.table(plan_.source.schema, plan_.source.table);
            return e;
        }
        return {};
    }

    mysql::session& session_;
    const write_plan& plan_;
    const write_options& options_;
    std::string statement_;
    std::string row_;
    std::string mapped_;
    std::uint64_t rows_ = 0;
    std::uint64_t written_ = 0;
};

}  // namespace internal

DMLIB_DECL result<write_report> insert_batch(mysql::session& s,
                                             const write_plan& plan,
                                             const dump::row_batch& batch,
                                             const write_options& options) {
    internal::insert_runner runner(s, plan, options);
    dump::field_cursor fields(batch.data);
    while (!fields.at_end())
        if (auto done = runner.add_row(fields); !done) return done.error();
    if (auto done = runner.flush(); !done) return done.error();
    write_report report;
    report.rows = runner.written();
    return report;
}

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib
