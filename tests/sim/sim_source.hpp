// A source in memory: random transactions over small tables, as decoded events with positions.
#pragma once

#include <dmlib/binlog/decoder.hpp>
#include <dmlib/schema/tracker.hpp>

#include "sim_target.hpp"
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace sim {

using namespace dmlib;

/// One event with the bytes its views borrow from.
struct stored_event {
    binlog::event event;
    std::shared_ptr<std::vector<std::uint8_t>> bytes;
};

inline schema::table make_definition(const std::string& name, const table_shape& shape) {
    schema::table t;
    t.schema = "d";
    t.name = name;
    t.engine = "InnoDB";
    t.charset = "utf8mb4";
    t.collation = "utf8mb4_bin";
    for (const auto& c : shape.columns) {
        schema::column column;
        column.name = c;
        column.type = schema::type_kind::int_;
        column.nullable = true;
        t.columns.push_back(column);
    }
    for (const std::size_t k : shape.unique) {
        schema::key key;
        key.name = k == shape.unique.front() ? "PRIMARY" : "u_" + shape.columns[k];
        key.kind = k == shape.unique.front() ? schema::key_kind::primary : schema::key_kind::unique;
        key.parts.push_back({shape.columns[k], "", std::nullopt, false});
        if (key.kind == schema::key_kind::primary) t.columns[k].nullable = false;
        t.keys.push_back(key);
    }
    return t;
}

inline std::shared_ptr<const binlog::table_map> make_map(std::uint64_t id,
                                                         const std::string& name,
                                                         std::size_t columns) {
    std::vector<std::uint8_t> body;
    const auto text = [&](const std::string& s) {
        body.push_back(static_cast<std::uint8_t>(s.size()));
        body.insert(body.end(), s.begin(), s.end());
        body.push_back(0);
    };
    text("d");
    text(name);
    body.push_back(static_cast<std::uint8_t>(columns));
    for (std::size_t i = 0; i < columns; ++i) body.push_back(3);  // INT
    body.push_back(0);                                            // no metadata
    body.push_back(0xff);                                         // all nullable
    return *binlog::table_map::parse(id, 1, body, flavor::mysql);
}

/// What row events carry.
enum class row_image { full, minimal, nodup };

/// Runs random transactions on its own tables and writes the binlog of it.
class sim_source {
public:
    explicit sim_source(unsigned seed) : sim_source(seed, static_cast<row_image>(seed % 3)) {}
    sim_source(unsigned seed, row_image images)
        : random_(seed), images_(images), idle_updates_(seed % 4 == 0) {
        tables_.emplace("one", sim_table{{{"id", "v"}, {0}}});
        tables_.emplace("two", sim_table{{{"id", "a", "b"}, {0, 1, 2}}});
        tables_.emplace("none", sim_table{{{"x", "y"}, {}}});
        std::uint64_t id = 100;
        for (auto& [name, t] : tables_)
            maps_[name] = make_map(++id, name, t.shape().columns.size());
        map_id_ = id;
        first_ = tables_;
    }

    /// Definitions change, too.
    void with_ddl() { ddl_ = true; }
    /// The tables as they are before everything, empty.
    const database& first() const { return first_; }

    void transactions(int count) {
        states_.push_back(tables_);
        for (int i = 0; i < count; ++i) {
            transaction();
            states_.push_back(tables_);
        }
    }
    /// The tables before the first transaction and behind each.
    const std::vector<database>& states() const { return states_; }
    static constexpr std::int64_t keys = 12;  // 0, 1, ... of what transactions write
    /// Every key of table "one" is written once more, behind all that was open.
    void touch_all() {
        while (!branches_.empty()) resolve_branch();
        tail_ = log_.size();
        sim_table& t = tables_.at("one");
        for (std::int64_t k = 0; k < keys; ++k) {
            binlog::query begin;
            begin.text = "BEGIN";
            add(begin);
            const row now{k, 5000 + k};
            row old;
            if (t.erase({{0, k}}, &old)) {
                write_rows("one", t.shape(), binlog::rows_kind::update, {{old, now}});
                t.insert(now);
            } else {
                write_rows("one", t.shape(), binlog::rows_kind::insert, {{{}, now}});
                write_rows("one", t.shape(), binlog::rows_kind::remove, {{now, {}}});
            }
            add(binlog::xid{7});
        }
    }
    /// Where touch_all() began in the log.
    std::size_t tail() const { return tail_; }
    const std::vector<stored_event>& log() const { return log_; }
    const database& tables() const { return tables_; }
    std::uint64_t end() const { return position_; }
    /// Updates that change nothing are logged. Servers do not, but nothing may go wrong with them.
    bool logs_idle_updates() const { return idle_updates_; }

private:
    std::int64_t pick(std::int64_t most) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most));
    }

    stored_event& add(binlog::event_body body) {
        stored_event e;
        e.event.start = position_;
        position_ += 50;
        e.event.next = position_;
        e.event.header.timestamp = 1;
        e.event.body = std::move(body);
        log_.push_back(std::move(e));
        return log_.back();
    }

    struct change {
        row before, after;
    };

    void transaction() {
        if (ddl_ && branches_.empty() && pick(5) == 0) return definition();
        if (!branches_.empty() && pick(3) == 0) return resolve_branch();
        if (pick(6) == 0) return branch();
        binlog::query begin;
        begin.text = "BEGIN";
        add(begin);
        const bool crashes = pick(25) == 0;
        const database before = tables_;
        const int statements = 1 + static_cast<int>(pick(4));
        for (int i = 0; i < statements; ++i) statement();
        if (crashes) {
            tables_ = before;
            return restart();
        }
        add(binlog::xid{7});
    }

    void definition() {
        auto at = tables_.begin();
        std::advance(at, pick(3));
        auto& [name, t] = *at;
        const std::string last = t.shape().columns.back();
        if (pick(3) == 0) {
            query("TRUNCATE TABLE `d`.`" + name + "`");
            t.truncate();
        } else if (last.starts_with('c') && pick(2) == 0) {
            query("ALTER TABLE `d`.`" + name + "` DROP COLUMN `" + last + "`");
            t.drop_column(last);
        } else if (t.shape().columns.size() < 6) {
            const std::string fresh = "c" + std::to_string(++map_id_);
            query("ALTER TABLE `d`.`" + name + "` ADD COLUMN `" + fresh + "` int");
            t.add_column(fresh);
        }
        maps_[name] = make_map(++map_id_, name, t.shape().columns.size());
    }

    /// The source dies within the transaction and begins again with a format description.
    void restart() {
        binlog::format_description d;
        d.binlog_version = 4;
        d.create_timestamp = 1;  // the server was started
        add(d).event.header.code = 15;
    }

    /// A prepared XA transaction: what it does when it commits, and the rows that it has locked.
    struct xa_branch {
        std::string gtrid;
        std::vector<std::pair<std::string, change>> changes;
    };

    void query(const std::string& text) {
        auto owned = std::make_shared<std::vector<std::uint8_t>>(text.begin(), text.end());
        binlog::query q;
        q.text = as_text(byte_view{*owned});
        add(q).bytes = owned;
    }

    static std::string name_of(const std::string& gtrid) {
        std::string out = "X'";
        for (const char c : gtrid) {
            out += "0123456789abcdef"[(c >> 4) & 15];
            out += "0123456789abcdef"[c & 15];
        }
        return out + "',X'',1";
    }

    /// An XA transaction: prepared, committed at once, or lost with a crash of the source.
    void branch() {
        xa_branch b;
        // Ids come again, as applications do it.
        b.gtrid = "g" + std::to_string(pick(1000));
        for (const auto& other : branches_) {
            if (other.gtrid == b.gtrid) return;
        }
        query("XA START " + name_of(b.gtrid));
        const int statements = 1 + static_cast<int>(pick(4));
        for (int i = 0; i < statements; ++i) branch_statement(b);
        if (pick(12) == 0) {
            unlock(b);
            return restart();
        }
        query("XA END " + name_of(b.gtrid));
        auto name = std::make_shared<std::vector<std::uint8_t>>(b.gtrid.begin(), b.gtrid.end());
        binlog::xa_prepare prepare;
        prepare.id = {1, as_text(byte_view{*name}), {}};
        prepare.one_phase = pick(4) == 0;
        add(prepare).bytes = name;
        if (prepare.one_phase) return commit(b);
        branches_.push_back(std::move(b));
    }

    void branch_statement(xa_branch& b) {
        const std::string name = pick(2) == 0 ? "one" : "two";
        const sim_table& t = tables_.at(name);
        const std::size_t columns = t.shape().columns.size();
        const std::int64_t own = ++branch_values_ + 1000;
        std::vector<row> free;
        for (const row& r : t.rows()) {
            if (!locked_.contains({name, *r[0]})) free.push_back(r);
        }
        change c;
        const auto kind =
            free.empty() ? binlog::rows_kind::insert : static_cast<binlog::rows_kind>(pick(3));
        if (kind != binlog::rows_kind::insert) {
            c.before = free[static_cast<std::size_t>(pick(static_cast<std::int64_t>(free.size())))];
            locked_.insert({name, *c.before[0]});
        }
        if (kind != binlog::rows_kind::remove) {
            c.after = kind == binlog::rows_kind::insert ? row(columns, own) : c.before;
            c.after[1 + static_cast<std::size_t>(pick(static_cast<std::int64_t>(columns) - 1))] =
                own;
        }
        write_rows(name, t.shape(), kind, {c});
        b.changes.emplace_back(name, c);
    }

    void unlock(const xa_branch& b) {
        for (const auto& [name, c] : b.changes) {
            if (!c.before.empty()) locked_.erase({name, *c.before[0]});
        }
    }

    void commit(const xa_branch& b) {
        for (const auto& [name, c] : b.changes) {
            sim_table& t = tables_.at(name);
            if (!c.before.empty()) t.erase({{0, c.before[0]}});
            if (!c.after.empty()) t.insert(c.after);
        }
        unlock(b);
    }

    void resolve_branch() {
        const auto at = branches_.begin() + pick(static_cast<std::int64_t>(branches_.size()));
        const xa_branch b = *at;
        branches_.erase(at);
        const bool commits = pick(3) != 0;
        query((commits ? "XA COMMIT " : "XA ROLLBACK ") + name_of(b.gtrid));
        if (commits) {
            commit(b);
        } else {
            unlock(b);
        }
    }

    row random_row(const sim_table& t) {
        row r(t.shape().columns.size());
        for (std::size_t i = 0; i < r.size(); ++i) {
            const bool primary = !t.shape().keyless() && i == 0;
            if (!primary && pick(8) == 0) continue;
            r[i] = pick(t.shape().keyless() ? 3 : keys);
        }
        return r;
    }

    void statement() {
        auto at = tables_.begin();
        std::advance(at, pick(3));
        auto& [name, t] = *at;
        std::vector<change> changes;
        const auto kind = static_cast<binlog::rows_kind>(pick(3));
        const int rows = 1 + static_cast<int>(pick(3));
        for (int i = 0; i < rows; ++i) {
            try {
                if (kind == binlog::rows_kind::insert) {
                    const row r = random_row(t);
                    t.insert(r);
                    changes.push_back({{}, r});
                    continue;
                }
                if (t.rows().empty()) break;
                auto victim = t.rows().begin();
                std::advance(victim, pick(static_cast<std::int64_t>(t.rows().size())));
                const row old = *victim;
                if (!t.shape().keyless() && locked_.contains({name, *old[0]})) continue;
                std::map<std::size_t, std::optional<std::int64_t>> where;
                for (std::size_t c = 0; c < old.size(); ++c) where[c] = old[c];
                if (kind == binlog::rows_kind::remove) {
                    t.erase(where);
                    changes.push_back({old, {}});
                    continue;
                }
                const row to = random_row(t);
                if (to == old && !idle_updates_) continue;
                t.erase(where);
                try {
                    t.insert(to);
                } catch (const std::runtime_error&) {
                    t.insert(old);
                    throw;
                }
                changes.push_back({old, to});
            } catch (const std::runtime_error&) {
                // A duplicate key: the statement's row does not happen.
            }
        }
        if (changes.empty()) return;
        write_rows(name, t.shape(), kind, changes);
    }

    /// Columns of the images as bits. Of a statement: those that any of its rows needs.
    std::uint8_t before_bits(const table_shape& shape) const {
        return images_ == row_image::minimal && !shape.keyless() ? 1 : 0xff;
    }
    std::uint8_t after_bits(binlog::rows_kind kind, const std::vector<change>& changes) const {
        const bool insert = kind == binlog::rows_kind::insert;
        if (images_ == row_image::full || (insert && images_ == row_image::nodup)) return 0xff;
        unsigned bits = insert ? 1 : 0;
        for (const auto& c : changes) {
            for (std::size_t i = 0; i < c.after.size(); ++i) {
                if (insert ? c.after[i].has_value() : c.after[i] != c.before[i]) bits |= 1u << i;
            }
        }
        return static_cast<std::uint8_t>(bits);
    }

    void write_rows(const std::string& name,
                    const table_shape& shape,
                    binlog::rows_kind kind,
                    const std::vector<change>& changes) {
        const std::uint8_t before = before_bits(shape);
        const std::uint8_t after = after_bits(kind, changes);
        if (kind != binlog::rows_kind::remove && after == 0) return;  // nothing changed
        add(binlog::table_map_event{maps_[name]});
        // The bitmaps stand in front of the rows.
        auto bytes = std::make_shared<std::vector<std::uint8_t>>(
            std::initializer_list<std::uint8_t>{before, after});
        for (const auto& c : changes) {
            if (kind != binlog::rows_kind::insert) append(*bytes, c.before, before);
            if (kind != binlog::rows_kind::remove) append(*bytes, c.after, after);
        }
        const byte_view whole{*bytes};
        binlog::rows_event e;
        e.kind = kind;
        e.statement_end = true;
        e.table = maps_[name];
        e.table_id = e.table->table_id();
        e.column_count = static_cast<std::uint32_t>(shape.columns.size());
        if (kind != binlog::rows_kind::insert) e.before_columns = whole.subspan(0, 1);
        if (kind != binlog::rows_kind::remove) e.after_columns = whole.subspan(1, 1);
        e.rows = whole.subspan(2);
        add(e).bytes = bytes;
    }

    static void append(std::vector<std::uint8_t>& out, const row& r, std::uint8_t present) {
        unsigned nulls = 0;
        unsigned at = 0;
        for (std::size_t i = 0; i < r.size(); ++i) {
            if (((present >> i) & 1) == 0) continue;
            if (!r[i]) nulls |= 1u << at;
            ++at;
        }
        out.push_back(static_cast<std::uint8_t>(nulls));
        for (std::size_t k = 0; k < r.size(); ++k) {
            if (((present >> k) & 1) == 0 || !r[k]) continue;
            for (int i = 0; i < 4; ++i)
                out.push_back(static_cast<std::uint8_t>((*r[k] >> (8 * i)) & 0xff));
        }
    }

    std::mt19937 random_;
    row_image images_;
    bool idle_updates_;
    bool ddl_ = false;
    std::uint64_t map_id_ = 0;
    database first_;
    database tables_;
    std::vector<database> states_;
    std::map<std::string, std::shared_ptr<const binlog::table_map>> maps_;
    std::vector<stored_event> log_;
    std::vector<xa_branch> branches_;
    std::set<std::pair<std::string, std::int64_t>> locked_;
    std::int64_t branch_values_ = 0;
    std::uint64_t position_ = 4;
    std::size_t tail_ = 0;
};

}  // namespace sim
