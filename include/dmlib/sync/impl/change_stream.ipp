#pragma once

#include <dmlib/async/system.hpp>
#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/json.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/printer.hpp>
#include <dmlib/sync/change_stream.hpp>
#include <dmlib/sync/ddl_kinds.hpp>
#include <dmlib/sync/impl/internal/mailbox.hpp>
#include <dmlib/sync/impl/internal/mapped_places.hpp>
#include <dmlib/sync/impl/internal/reader.hpp>
#include <dmlib/sync/impl/internal/two_phase_alter.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <unordered_map>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

namespace internal {

/// Decoded events to typed transactions. Pure but for the handler.
class change_assembler {
public:
    change_assembler(const change_options& options,
                     rule_set rules,
                     schema::tracker definitions,
                     location start,
                     schema::resolve_options resolve)
        : options_(options),
          rules_(std::move(rules)),
          definitions_(std::move(definitions)),
          done_(std::move(start)),
          resolve_(std::move(resolve)) {
        file_ = done_.position.file;
        open_.begin = done_;
    }
    const location& done() const noexcept { return done_; }
    const engine_counters& counters() const noexcept { return counters_; }
    const schema::tracker& definitions() const noexcept { return definitions_; }

    result<void> on_event(const binlog::event& e) {
        auto step = grammar_.on(e);
        if (!step) return locate(step.error(), e);
        ++counters_.events;
        if (e.header.timestamp != 0 && !e.artificial) counters_.last_timestamp = e.header.timestamp;
        if (auto done = dispatch(e, *step); !done) return locate(done.error(), e);
        const bool ends =
            step->step == binlog::step::commit || step->step == binlog::step::statement;
        if (ends || step->step == binlog::step::rollback) {
            if (!ends) open_.rows.clear();
            if (auto done = deliver(e); !done) return done;
        }
        return {};
    }

    /// The rules leave out this table, whose map was taken before.
    bool skips(const binlog::table_map& map) const noexcept {
        const auto at = tables_.find(&map);
        return at != tables_.end() && !at->second.decision->replicate;
    }

private:
    struct table_state {
        std::shared_ptr<const binlog::table_map> map;
        std::shared_ptr<const table_decision> decision;
        schema::checked_table checked;
        std::shared_ptr<const std::vector<std::string>> columns;
        std::vector<std::uint32_t> fixed_bytes;  // by place in the image; 0: as long as it is
        std::vector<mapped_place> mapped;
        std::shared_ptr<const row_filter> rows;  // null: no expression filter
    };

    result<bool> left_out(const table_state& t, binlog::rows_kind kind) const {
        if (!t.rows) return false;
        if (kind == binlog::rows_kind::insert) return t.rows->drops_insert(after_);
        if (kind == binlog::rows_kind::update) return t.rows->drops_update(before_, after_);
        return t.rows->drops_delete(before_);
    }

    error locate(error e, const binlog::event& at) const {
        return e.task(options_.task)
            .source(options_.source_id)
            .position(file_, at.start, to_string(grammar_.current_gtid()));
    }

    result<void> dispatch(const binlog::event& e, const binlog::tracked& step) {
        if (e.status == binlog::event_status::refused) {
            return error{
                e.get<binlog::incident>() != nullptr ? errc::binlog_incident : errc::binlog_refused,
                std::string(e.reason)};
        }
        if (const auto* r = e.get<binlog::rotate>()) {
            if (file_ != r->next_file && !grammar_.in_transaction()) {
                done_.position = {std::string(r->next_file), r->next_pos};
                open_.begin = done_;
            }
            file_ = std::string(r->next_file);
            return {};
        }
        if (const auto* m = e.get<binlog::table_map_event>()) return on_map(*m);
        if (const auto* rows = e.get<binlog::rows_event>()) return on_rows(*rows);
        if (const auto* q = e.get<binlog::query>()) return on_query(*q, step);
        if (e.get<binlog::xa_prepare>() != nullptr)
            return error{errc::binlog_refused,
                         "XA transaction: a change stream has no place for prepared transactions"};
        return {};
    }

    result<void> on_map(const binlog::table_map_event& m) {
        auto [at, fresh] = tables_.try_emplace(m.table.get());
        if (!fresh) return {};
        table_state& t = at->second;
        t.map = m.table;
        t.decision = rules_.decide({std::string(m.table->schema()), std::string(m.table->table())});
        if (!t.decision->replicate) return {};
        if (!t.decision->problems.empty()) return t.decision->problems.front();
        auto checked = definitions_.check(*m.table);
        if (!checked) {
            error fault = checked.error();
            return fault.table(t.decision->source.schema, t.decision->source.table);
        }
        t.checked = std::move(*checked);
        auto names = std::make_shared<std::vector<std::string>>();
        for (const std::size_t i : t.checked.columns) {
            const schema::column& column = t.checked.definition->columns[i];
            names->push_back(column.name);
            t.fixed_bytes.push_back(column.fixed_bytes());
        }
        for (const auto& x : t.decision->extracted) names->push_back(x.column);
        auto mapped = place_mappings(t.decision->mappings, t.checked);
        if (!mapped) return mapped.error();
        t.mapped = std::move(*mapped);
        t.columns = std::move(names);
        auto rows = compile_row_filter(
            *t.decision, *t.checked.definition, t.checked.columns, resolve_.server);
        if (!rows) return rows.error();
        t.rows = std::move(*rows);
        return {};
    }

    result<void> on_rows(const binlog::rows_event& rows) {
        if (rows.table == nullptr) return {};
        const auto at = tables_.find(rows.table.get());
        if (at == tables_.end() || !at->second.decision->replicate) return {};
        const table_state& t = at->second;
        const auto& verdict = rows.kind == binlog::rows_kind::insert   ? t.decision->on_insert
                              : rows.kind == binlog::rows_kind::update ? t.decision->on_update
                                                                       : t.decision->on_delete;
        if (verdict.action == filter_action::ignore) return {};
        if (verdict.action == filter_action::error)
            return error{errc::sync_event_filtered_error, "rows matched " + verdict.rule};
        if (rows.uncounted) {
            return error{errc::binlog_row_image,
                         "an INSERT without any column (its rows cannot be counted)"};
        }
        const std::size_t n = t.map->column_count();
        before_.resize(rows.kind == binlog::rows_kind::insert ? 0 : n);
        after_.resize(rows.kind == binlog::rows_kind::remove ? 0 : n);
        binlog::row_decoder decoder{rows, t.checked.facts, &arena_};
        for (;;) {
            auto more = decoder.next(before_, after_);
            if (!more) return more.error();
            if (!*more) break;
            const auto out = left_out(t, rows.kind);
            if (!out) {
                error fault = out.error();
                return fault.table(t.decision->source.schema, t.decision->source.table);
            }
            if (*out) {
                ++counters_.rows_filtered;
                arena_.clear();
                continue;
            }
            row_change c;
            c.kind = rows.kind == binlog::rows_kind::insert   ? change_kind::insert
                     : rows.kind == binlog::rows_kind::update ? change_kind::update
                                                              : change_kind::remove;
            c.source = t.decision->source;
            c.target = t.decision->target;
            c.columns = t.columns;
            if (auto done = own(t, before_, {}, c.before); !done) return done;
            if (auto done = own(t, after_, before_, c.after); !done) return done;
            open_.rows.push_back(std::move(c));
            arena_.clear();
            if (bytes_ > options_.memory_bytes) {
                return error{errc::sync_memory,
                             fmt::format("a transaction has more than {} bytes of rows",
                                         options_.memory_bytes)};
            }
        }
        return {};
    }

    /// `old`: the before image of an update's after image.
    result<void> own(const table_state& t,
                     std::vector<value_view>& from,
                     std::span<const value_view> old,
                     std::vector<value>& to) {
        if (from.empty()) return {};
        to.reserve(from.size() + t.decision->extracted.size());
        std::deque<std::string> texts;
        for (const mapped_place& place : t.mapped) {
            auto mapped = place.mapping->apply(from[place.column], texts.emplace_back());
            if (!mapped) {
                error fault = mapped.error();
                return fault.table(t.decision->source.schema, t.decision->source.table);
            }
            from[place.column] = *mapped;
        }
        for (std::size_t i = 0; i < from.size(); ++i) {
            const value_view& v = from[i];
            if (v.kind == value_kind::json || v.kind == value_kind::json_diff) {
                json_.clear();
                if (auto done = json_text(v, i < old.size() ? old[i] : value_view{}); !done)
                    return done;
                to.emplace_back(value_view::make_bytes(value_kind::text, as_bytes(json_)));
            } else if (v.kind == value_kind::bytes && v.size < t.fixed_bytes[i]) {
                padded_.assign(v.text());
                padded_.resize(t.fixed_bytes[i]);
                to.emplace_back(value_view::make_bytes(value_kind::bytes, as_bytes(padded_)));
            } else {
                to.emplace_back(v);
            }
            bytes_ += sizeof(value) + to.back().storage.size();
        }
        for (const auto& x : t.decision->extracted)
            to.emplace_back(value_view::make_bytes(value_kind::text, as_bytes(x.value)));
        return {};
    }

    result<void> json_text(const value_view& v, const value_view& old) {
        if (v.kind == value_kind::json) return binlog::append_json_text(json_, v.bytes());
        if (old.kind != value_kind::json) {
            return error{errc::binlog_row_image,
                         "a partial JSON update, whose document the before image lacks"};
        }
        return binlog::append_patched_json_text(json_, old.bytes(), v.bytes());
    }

    enum class ddl_wish : std::uint8_t { none, follow, deliver };

    /// Delivered where any of its tables wants it; followed where event filters leave it out for
    /// all of them, since rows behind it have the form that it gives them.
    result<ddl_wish> wants(const binlog::query& q,
                           const sql::statement& s,
                           const schema::resolve_options& ro) {
        ddl_wish out = ddl_wish::none;
        ddl_question question;
        question.kind = kind_of(s);
        question.parts = parts_of(s, definitions_.definitions(), ro);
        question.sql = q.text;
        for (const auto& name : subjects_of(s)) {
            const bool replicated = name.table.empty() ? rules_.replicates_schema(name.schema)
                                                       : rules_.decide(name)->replicate;
            if (!replicated) continue;
            question.name = name;
            const ddl_decision verdict = rules_.decide_ddl(question);
            if (!verdict.problems.empty()) return verdict.problems.front();
            if (verdict.action == filter_action::error || verdict.mixed) {
                error e(errc::sync_event_filtered_error,
                        verdict.mixed ? "the statement is only partly wanted: " + verdict.rule +
                                            " names some of its changes and not others"
                                      : "the statement matched " + verdict.rule);
                return e.table(name.schema, name.table)
                    .statement(std::string(q.text.substr(0, 500)));
            }
            out = std::max(
                out,
                verdict.action == filter_action::replicate ? ddl_wish::deliver : ddl_wish::follow);
        }
        return out;
    }

    void cannot_follow(const binlog::query& q) const {
        if (!options_.log) return;
        options_.log(log_level::warning,
                     "a statement that an event filter leaves out cannot be followed; if it "
                     "changes a table's columns, rows behind it may be read by wrong names: " +
                         std::string(q.text.substr(0, 500)));
    }

    result<void> on_query(const binlog::query& q, const binlog::tracked& step) {
        using binlog::statement_class;
        ddl_question any;
        any.name = {std::string(q.schema), ""};
        any.sql = q.text;
        const auto left_out_by_text = [&] {
            return rules_.decide_ddl(any).action == filter_action::ignore;
        };
        if (step.statement == statement_class::dml) {
            if (left_out_by_text()) return {};
            return error{errc::binlog_statement_dml,
                         "a statement that changes data arrived as text: " +
                             std::string(q.text.substr(0, 500))};
        }
        if (step.statement == statement_class::xa_commit) {
            return error{errc::binlog_refused,
                         "XA COMMIT: a change stream has no place for prepared transactions"};
        }
        if (step.statement != statement_class::ddl || is_half_alter(grammar_)) return {};
        sql::parse_options po;
        po.flavor = resolve_.server.flavor;
        po.version = resolve_.server.version;
        po.mode = q.status.sql_mode.value_or(0);
        auto parsed = sql::parse_statement(q.text, po);
        if (!parsed) {
            if (!left_out_by_text())
                return error{errc::sync_ddl_unparsed, parsed.error().message()};
            cannot_follow(q);
            return {};
        }
        if (!sql::is_table_ddl(parsed->kind)) return {};
        sql::qualify_tables(*parsed, std::string(q.schema));
        schema::resolve_options ro = resolve_;
        ro.sql_mode = po.mode;
        ro.default_schema = std::string(q.schema);
        const auto wanted = wants(q, *parsed, ro);
        if (!wanted) return wanted.error();
        if (*wanted == ddl_wish::none) return {};
        schema::tracker after = definitions_;
        auto change = after.run(*parsed, ro);
        if (*wanted == ddl_wish::follow) {
            if (!change || change->outcome == schema::change_outcome::refused) {
                cannot_follow(q);
                return {};
            }
            definitions_ = std::move(after);
            tables_.clear();
            return {};
        }
        if (!change) return error{errc::sync_ddl_unresolved, change.error().message()};
        definitions_ = std::move(after);
        open_.ddl = std::string(q.text);
        open_.schema = std::string(q.schema);
        tables_.clear();
        return {};
    }

    /// What a handler throws ends the stream like an error that it returns.
    result<void> handle() {
        try {
            return options_.handler(open_);
        } catch (const std::exception& thrown) {
            return error{errc::task_target_refused,
                         std::string("the callback target threw: ") + thrown.what()};
        }
    }

    result<void> deliver(const binlog::event& e) {
        done_.position = {file_, e.next};
        done_.gtids.add(grammar_.current_gtid());
        ++counters_.transactions;
        open_.end = done_;
        open_.gtid = to_string(grammar_.current_gtid());
        open_.timestamp = e.header.timestamp;
        result<void> answer;
        if (!open_.rows.empty() || !open_.ddl.empty()) {
            answer = handle();
            counters_.rows_committed += open_.rows.size();
        }
        open_ = {};
        open_.begin = done_;
        bytes_ = 0;
        if (!answer) return locate(answer.error(), e);
        return {};
    }

    const change_options& options_;
    rule_set rules_;
    schema::tracker definitions_;
    binlog::transaction_tracker grammar_;
    std::unordered_map<const binlog::table_map*, table_state> tables_;
    std::string file_;
    location done_;
    schema::resolve_options resolve_;
    change_transaction open_;
    engine_counters counters_;
    std::vector<value_view> before_;
    std::vector<value_view> after_;
    binlog::byte_arena arena_;
    std::string json_;
    std::string padded_;
    std::size_t bytes_ = 0;
};

}  // namespace internal

struct change_stream::impl {
    change_options options;
    mutable std::mutex mutex;
    sync_status status;
    internal::mailbox* box = nullptr;
    std::atomic<bool> stop{false};
    std::condition_variable wait;
    std::optional<sync_start> from;  // where a reconnect goes on

    result<sync_end> once();
    result<bool> step(internal::change_assembler& a,
                      binlog::decoder& d,
                      internal::mailbox& box,
                      internal::position_watch& watch);
    void publish(const internal::change_assembler& a, internal::position_watch& watch);
};

DMLIB_DECL change_stream::change_stream(change_options options) : impl_(std::make_unique<impl>()) {
    impl_->options = std::move(options);
}
DMLIB_DECL change_stream::~change_stream() = default;

DMLIB_DECL sync_status change_stream::status() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->status;
}

DMLIB_DECL void change_stream::stop() {
    impl_->stop = true;
    const std::lock_guard lock(impl_->mutex);
    if (impl_->box != nullptr) impl_->box->wake();
    impl_->wait.notify_all();
}

DMLIB_DECL void change_stream::impl::publish(const internal::change_assembler& a,
                                             internal::position_watch& watch) {
    const auto reading = watch.last();
    const std::lock_guard lock(mutex);
    status.committed = a.done();
    status.counters = a.counters();
    status.rows_committed = a.counters().rows_committed;
    status.blocked.reset();
    if (!reading) return;
    status.source_end = reading->end;
    status.caught_up =
        compare(a.done().position, reading->end.position) != std::strong_ordering::less;
}

/// One block of events. True: the end that was asked for is reached.
DMLIB_DECL result<bool> change_stream::impl::step(internal::change_assembler& a,
                                                  binlog::decoder& d,
                                                  internal::mailbox& box,
                                                  internal::position_watch& watch) {
    auto block = box.take_block();
    if (!block) {
        if (auto fault = box.fault()) return *fault;
        box.wait(true, std::chrono::milliseconds(50));
    }
    const auto take = [&](const binlog::event& e) -> result<void> {
        auto done = a.on_event(e);
        if (!done) return done;
        const auto* const map = e.get<binlog::table_map_event>();
        if (map != nullptr && a.skips(*map->table)) d.ignore_rows(*map->table);
        return {};
    };
    for (std::size_t i = 0; block && i < block->ends.size(); ++i) {
        auto e = d.push(block->event(i));
        if (!e) return e.error();
        if (auto done = take(**e); !done) return done.error();
        if ((*e)->get<binlog::transaction_payload>() != nullptr) {
            for (;;) {
                auto inner = d.next_inner();
                if (!inner) return inner.error();
                if (*inner == nullptr) break;
                if (auto done = take(**inner); !done) return done.error();
            }
        }
        if (stop) return true;
    }
    publish(a, watch);
    if (options.until.what == sync_until::kind::caught_up) {
        const std::lock_guard lock(mutex);
        return status.caught_up;
    }
    if (options.until.what == sync_until::kind::place) {
        return compare(a.done().position, options.until.place.position) !=
               std::strong_ordering::less;
    }
    return false;
}

DMLIB_DECL result<sync_end> change_stream::impl::once() {
    auto s = mysql::session::connect(options.source);
    if (!s) return s.error();
    auto facts = mysql::read_server_facts(*s);
    if (!facts) return facts.error();
    if (!from) {
        auto start = options.begin();
        if (!start) return start.error();
        from = std::move(*start);
    }
    internal::position_watch watch{std::move(*s), options.source, *facts};
    auto rules = options.rules();
    if (!rules) return rules.error();
    schema::tracker tracker{facts->kind, facts->lower_case_table_names};
    tracker.definitions() = from->definitions;
    schema::resolve_options ro;
    ro.server = facts->kind;
    ro.server_charset = facts->character_set_server;
    ro.server_collation = facts->collation_server;
    ro.explicit_defaults_for_timestamp = facts->explicit_defaults_for_timestamp;
    internal::change_assembler assembler{
        options, std::move(*rules), std::move(tracker), from->where, ro};
    auto dump = mysql::session::connect(options.source);
    if (!dump) return dump.error();
    mysql::stream_options so;
    so.start = from->where;
    so.by_gtid = options.by_gtid && facts->has_gtids() && !so.start.gtids.empty();
    async::system_random_source random;
    so.server_id = options.server_id != 0 ? options.server_id : mysql::random_server_id(random);
    auto stream = mysql::binlog_stream::open(std::move(*dump), *facts, so);
    if (!stream) return stream.error();
    binlog::decoder decoder;
    decoder.start_at(so.start.position.file, so.start.position.pos);
    internal::mailbox mail{std::max<std::size_t>(options.memory_bytes / 4, 1 << 20)};
    {
        const std::lock_guard lock(mutex);
        box = &mail;
    }
    result<sync_end> end = sync_end::stopped;
    {
        internal::binlog_reader reader{std::move(*stream), mail};
        for (;;) {
            auto more = step(assembler, decoder, mail, watch);
            if (!more) end = more.error();
            if (!more || *more || stop) break;
        }
        if (end && !stop) {
            end = options.until.what == sync_until::kind::caught_up ? sync_end::caught_up
                                                                    : sync_end::reached;
        }
        mail.close();
    }
    const std::lock_guard lock(mutex);
    box = nullptr;
    from->where = assembler.done();
    from->definitions = assembler.definitions().definitions();
    return end;
}

DMLIB_DECL result<sync_end> change_stream::run() {
    async::system_clock_source clock;
    async::system_random_source random;
    async::back_off retry{impl_->options.back_off};
    for (;;) {
        if (impl_->stop) return sync_end::stopped;
        const auto before = impl_->from ? impl_->from->where : location{};
        const auto began = clock.steady_time();
        auto end = impl_->once();
        if (end || end.error().info().retry == retry_class::never) return end;
        if (impl_->from && !(impl_->from->where == before)) retry.worked(began);
        const auto pause = retry.next(clock.steady_time(), random);
        if (!pause) return async::gave_up(impl_->options.back_off, end.error(), {});
        std::unique_lock lock(impl_->mutex);
        if (!impl_->status.blocked) impl_->status.blocked_since = std::chrono::steady_clock::now();
        impl_->status.blocked = end.error();
        impl_->status.next_try = std::chrono::steady_clock::now() + *pause;
        impl_->status.tries = static_cast<std::uint32_t>(retry.failures());
        impl_->status.retries = static_cast<std::uint32_t>(retry.all_failures());
        impl_->wait.wait_for(lock, *pause, [&] { return impl_->stop.load(); });
    }
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
