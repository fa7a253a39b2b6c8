// A target in memory: tables of integers with unique keys, transactions, and the few statement
// forms that batches are made of. Anything else is a failure of the test.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

using row = std::vector<std::optional<std::int64_t>>;

/// Columns and which of them are unique keys (one column each).
struct table_shape {
    std::vector<std::string> columns;
    std::vector<std::size_t> unique;
    bool keyless() const { return unique.empty(); }
};

/// A table's rows as a multiset with unique keys checked at each change, as the servers do.
class sim_table {
public:
    explicit sim_table(table_shape shape) : shape_(std::move(shape)) {}
    void insert(const row& r) {
        for (const std::size_t k : shape_.unique) {
            if (!r[k]) continue;
            for (const row& other : rows_) {
                if (other[k] == r[k])
                    throw std::runtime_error("duplicate entry " + std::to_string(*r[k]) + " for " +
                                             shape_.columns[k]);
            }
        }
        rows_.insert(r);
    }
    /// One row that matches; false where there is none.
    bool erase(const std::map<std::size_t, std::optional<std::int64_t>>& where,
               row* removed = nullptr) {
        for (auto at = rows_.begin(); at != rows_.end(); ++at) {
            bool match = true;
            for (const auto& [column, value] : where) match = match && (*at)[column] == value;
            if (!match) continue;
            if (removed != nullptr) *removed = *at;
            rows_.erase(at);
            return true;
        }
        return false;
    }
    using values = std::map<std::size_t, std::optional<std::int64_t>>;
    /// Columns that `to` does not name stay.
    bool update(const values& to, const values& where) {
        row r;
        if (!erase(where, &r)) return false;
        for (const auto& [column, value] : to) r[column] = value;
        insert(r);
        return true;
    }
    void add_column(const std::string& name) {
        shape_.columns.push_back(name);
        change_rows([](row& r) { r.emplace_back(); });
    }
    void drop_column(const std::string& name) {
        const auto at = std::find(shape_.columns.begin(), shape_.columns.end(), name);
        if (at == shape_.columns.end()) throw std::runtime_error("no column " + name);
        const auto i = at - shape_.columns.begin();
        shape_.columns.erase(at);
        change_rows([i](row& r) { r.erase(r.begin() + i); });
    }
    /// Somebody gives the table other keys; false where its rows do not allow them.
    bool change_keys(std::vector<std::size_t> unique) {
        sim_table fresh{{shape_.columns, std::move(unique)}};
        try {
            for (const row& r : rows_) fresh.insert(r);
        } catch (const std::runtime_error&) {
            return false;
        }
        *this = std::move(fresh);
        return true;
    }
    void truncate() { rows_.clear(); }
    const std::multiset<row>& rows() const { return rows_; }
    const table_shape& shape() const { return shape_; }

private:
    template <class F>
    void change_rows(F change) {
        std::multiset<row> changed;
        for (row r : rows_) {
            change(r);
            changed.insert(std::move(r));
        }
        rows_ = std::move(changed);
    }

    table_shape shape_;
    std::multiset<row> rows_;
};

using database = std::map<std::string, sim_table>;

/// Reads one statement of a batch and runs it; returns the affected rows.
class statement_runner {
public:
    statement_runner(std::string_view text, database& db) : text_(text), db_(db) {}

    std::uint64_t run() {
        if (take("INSERT INTO ")) return insert();
        if (take("UPDATE ")) return update();
        if (take("DELETE FROM ")) return remove();
        if (take("TRUNCATE TABLE ")) return table().truncate(), 0;
        if (take("ALTER TABLE ")) return alter();
        throw std::runtime_error("unknown statement: " + std::string(text_));
    }

private:
    bool take(std::string_view word) {
        if (!text_.starts_with(word)) return false;
        text_.remove_prefix(word.size());
        return true;
    }
    void expect(std::string_view word) {
        if (!take(word))
            throw std::runtime_error("expected '" + std::string(word) +
                                     "' at: " + std::string(text_));
    }
    std::string name() {
        expect("`");
        const auto end = text_.find('`');
        std::string out(text_.substr(0, end));
        text_.remove_prefix(end + 1);
        return out;
    }
    sim_table& table() {
        name();
        expect(".");
        return db_.at(name());
    }
    std::optional<std::int64_t> value() {
        if (take("NULL")) return std::nullopt;
        std::int64_t n = 0;
        const auto [rest, bad] = std::from_chars(text_.data(), text_.data() + text_.size(), n);
        if (bad != std::errc{})
            throw std::runtime_error("expected a number at: " + std::string(text_));
        text_.remove_prefix(static_cast<std::size_t>(rest - text_.data()));
        return n;
    }
    static std::size_t place(const sim_table& t, const std::string& column) {
        for (std::size_t i = 0; i < t.shape().columns.size(); ++i) {
            if (t.shape().columns[i] == column) return i;
        }
        throw std::runtime_error("no column " + column);
    }
    std::uint64_t alter() {
        sim_table& t = table();
        if (take(" ADD COLUMN ")) {
            const std::string column = name();
            for (const auto& c : t.shape().columns) {
                if (c == column) throw std::runtime_error("there is a column " + column);
            }
            t.add_column(column);
        } else {
            expect(" DROP COLUMN ");
            t.drop_column(name());
        }
        return 0;
    }
    std::uint64_t insert() {
        sim_table& t = table();
        if (take(" SET ")) return insert_set(t);
        expect(" (");
        std::vector<std::size_t> columns;
        do columns.push_back(place(t, name()));
        while (take(","));
        expect(") VALUES ");
        std::vector<row> rows;
        do {
            row r(t.shape().columns.size());
            expect("(");
            for (std::size_t i = 0; i < columns.size(); ++i) {
                if (i != 0) expect(",");
                r[columns[i]] = value();
            }
            expect(")");
            rows.push_back(std::move(r));
        } while (take(","));
        if (take(" ON DUPLICATE KEY UPDATE ")) return upsert(t, rows, columns);
        for (const row& r : rows) t.insert(r);
        return rows.size();
    }
    std::uint64_t insert_set(sim_table& t) {
        row r(t.shape().columns.size());
        do {
            const std::size_t at = place(t, name());
            expect("=");
            r[at] = value();
        } while (take(","));
        if (!text_.empty()) throw std::runtime_error("not an INSERT: " + std::string(text_));
        t.insert(r);
        return 1;
    }
    std::map<std::size_t, std::optional<std::int64_t>> where(const sim_table& t) {
        std::map<std::size_t, std::optional<std::int64_t>> out;
        expect(" WHERE ");
        do {
            const std::size_t at = place(t, name());
            out[at] = take(" IS NULL") ? std::nullopt : (expect("="), value());
        } while (take(" AND "));
        expect(" LIMIT 1");
        return out;
    }
    std::uint64_t update() {
        sim_table& t = table();
        expect(" SET ");
        sim_table::values to;
        do {
            const std::size_t at = place(t, name());
            expect("=");
            to[at] = value();
        } while (take(","));
        return t.update(to, where(t)) ? 1 : 0;
    }
    /// Counts as the servers do: 2 for a row that changed, 1 for one that was not there.
    std::uint64_t upsert(sim_table& t,
                         const std::vector<row>& rows,
                         const std::vector<std::size_t>& columns) {
        if (t.shape().unique.size() != 1)
            throw std::runtime_error("an upsert may hit another row than an update does");
        const std::size_t key = t.shape().unique.front();
        if (std::find(columns.begin(), columns.end(), key) == columns.end())
            throw std::runtime_error("an upsert without the key");
        std::set<std::size_t> set;
        do {
            const std::string column = name();
            expect("=VALUES(");
            if (name() != column) throw std::runtime_error("another column's value");
            expect(")");
            set.insert(place(t, column));
        } while (take(","));
        if (set.contains(key) || set.size() + 1 != columns.size())
            throw std::runtime_error("an upsert sets every column that it has but the key");
        std::uint64_t count = 0;
        for (const row& r : rows) {
            row old;
            const bool there = t.erase({{key, r[key]}}, &old);
            row now = there ? old : r;
            for (const std::size_t c : set) now[c] = r[c];
            t.insert(now);
            count += !there || old == now ? 1 : 2;
        }
        return count;
    }
    std::uint64_t remove() {
        sim_table& t = table();
        const std::string_view all = text_;
        expect(" WHERE ");
        const std::size_t at = place(t, name());
        if (!take(" IN (")) {
            text_ = all;
            return t.erase(where(t)) ? 1 : 0;
        }
        std::uint64_t count = 0;
        do count += t.erase({{at, value()}}) ? 1 : 0;
        while (take(","));
        expect(")");
        return count;
    }

    std::string_view text_;
    database& db_;
};

}  // namespace sim
