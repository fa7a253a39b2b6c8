#pragma once

#include <dmlib/load/full_copy.hpp>
#include <dmlib/load/impl/internal/copy_reader.hpp>
#include <dmlib/load/impl/internal/copy_round.hpp>
#include <dmlib/load/impl/internal/copy_shared.hpp>
#include <dmlib/load/impl/internal/copy_writer.hpp>
#include <dmlib/schema/show_create.hpp>

#include <thread>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

namespace internal {

/// The source's definition as the ledger keeps it.
inline result<schema::table> definition_of(const checkpoint::copied_table& t,
                                           const server_kind& kind) {
    auto parsed = schema::table_from_show_create(t.definition, kind, t.source.schema);
    if (parsed) return parsed;
    error e = parsed.error();
    e.table(t.source.schema, t.source.table);
    return e;
}

inline result<copy_outcome> outcome_of(const stored_copy& stored,
                                       int lower_case_table_names,
                                       const server_kind& kind) {
    copy_outcome out;
    out.ledger = stored.ledger;
    out.definitions = schema::catalog(lower_case_table_names);
    out.schemas = stored.schemas;
    out.server_identity = stored.server_identity;
    const location* first = stored.ledger.earliest();
    out.start = first ? *first : stored.place;
    // Tables that were made since the first snapshot belong to the stream: it begins no later.
    if (!stored.place.position.empty() &&
        compare(stored.place.position, out.start.position) == std::strong_ordering::less)
        out.start = stored.place;
    out.rows = stored.ledger.rows();
    out.bytes = stored.ledger.bytes();
    for (const auto& [name, chunks] : stored.ledger.tables()) {
        if (chunks.info().state == checkpoint::copy_state::gone) continue;
        auto t = definition_of(chunks.info(), kind);
        if (!t) return t.error();
        out.definitions.put(std::move(*t));
    }
    return out;
}

inline copy_options within_limits(copy_options o) {
    o.readers = std::max(1U, o.readers);
    o.writers = std::max(1U, o.writers);
    // Each reader and writer holds a batch, the queue a few more; half of the limit is theirs.
    const std::uint64_t hands = std::uint64_t{o.readers} + o.writers;
    const std::uint64_t most = std::max<std::uint64_t>(o.memory_limit / (hands * 2), 64 << 10);
    o.transaction_bytes = std::clamp<std::uint64_t>(o.transaction_bytes, 64 << 10, most);
    return o;
}

}  // namespace internal

struct full_copy::impl {
    impl(copy_options o, mysql::connect_options src, mysql::connect_options dst, copy_callbacks c)
        : options(internal::within_limits(std::move(o))),
          source(std::move(src)),
          target(std::move(dst)),
          callbacks(std::move(c)),
          shared(options, source, target, callbacks) {
        source.role = mysql::role::source;
    }

    result<copy_outcome> run();
    result<void> connect();
    result<void> open();
    result<bool> round();
    result<void> work(dump::snapshot_set& snapshots);
    result<void> merge_all();
    std::optional<error> round_fault();
    result<void> add_late_keys();
    result<void> add_late_keys(const checkpoint::copied_table& t);
    result<copy_outcome> finish();

    copy_options options;
    mysql::connect_options source;
    mysql::connect_options target;
    copy_callbacks callbacks;
    internal::copy_shared shared;
    std::optional<mysql::session> source_session;
    std::optional<mysql::session> target_session;
    std::optional<stored_copy> stored;
    std::optional<std::uint64_t> rows_at_start;  // of earlier runs
    bool claimed = false;
    bool done_before = false;
    bool none = false;  // of copy_options::only_begun
};

// Both control sessions, and what the servers are.
inline result<void> full_copy::impl::connect() {
    if (!source_session || !source_session->is_open()) {
        auto s = dump::open_reader(source, shared.adopter());
        if (!s) return s.error();
        source_session = std::move(*s);
        // MySQL 8 answers with estimates of a day ago otherwise.
        (void)source_session->execute("SET SESSION information_schema_stats_expiry = 0");
        auto facts = mysql::read_server_facts(*source_session);
        if (!facts) return facts.error();
        shared.source_facts = std::move(*facts);
    }
    if (!target_session || !target_session->is_open()) {
        auto s = mysql::session::connect(internal::target_session_options(target));
        if (!s) return s.error();
        target_session = std::move(*s);
        shared.adopt(target_session->get_canceller());
        // CREATE TABLE on a busy target, waiting for an older run's transactions: no hurry.
        target_session->set_read_timeout(std::chrono::hours(1));
        auto facts = mysql::read_server_facts(*target_session);
        if (!facts) return facts.error();
        shared.target_facts = std::move(*facts);
    }
    return {};
}

// The ledger as it is now; the first time this run takes it over.
inline result<void> full_copy::impl::open() {
    if (!shared.store)
        shared.store = std::make_unique<ledger_store>(
            options.meta_schema, options.task, options.source_id, shared.source_facts.flavor());
    if (!claimed) {
        auto before = shared.store->read(*target_session);
        if (!before) return before.error();
        if (*before && (*before)->done) {
            stored = std::move(*before);
            if (!rows_at_start) rows_at_start = stored->ledger.rows();
            done_before = true;
            const std::lock_guard lock(shared.mutex);
            shared.ledger = stored->ledger;
            return {};
        }
        none = options.only_begun && !*before;
        if (none) return {};
        shared.wrote = true;
        if (auto made = shared.store->prepare(*target_session); !made) return made;
        auto now = shared.store->claim(*target_session, options.readers + options.writers);
        if (!now) return now.error();
        stored = std::move(*now);
        rows_at_start = stored ? stored->ledger.rows() : 0;
        claimed = true;
    } else {
        auto now = shared.store->read(*target_session);
        if (!now) return now.error();
        stored = std::move(*now);
    }
    const std::string identity = internal::copy_round::identity(shared.source_facts);
    if (stored && stored->server_identity != identity)
        return error(errc::checkpoint_source_changed,
                     "The unfinished copy was begun from the server " + stored->server_identity +
                         ", but the source is now " + identity + ".");
    return {};
}

// True: everything is copied.
inline result<bool> full_copy::impl::round() {
    if (auto done = connect(); !done) return done.error();
    if (auto done = open(); !done) return done.error();
    if (done_before || none) return true;
    // Killed between the last batch and the word "done": whatever came since is the stream's.
    if (stored && !stored->ledger.empty() && stored->ledger.complete()) return true;
    internal::copy_round round(shared, *source_session, *target_session, stored);
    if (auto done = round.prepare(); !done) return done.error();
    shared.clear_blocked();
    if (shared.jobs.empty()) return true;
    if (auto done = work(round.snapshots()); !done) return done.error();
    if (auto done = merge_all(); !done) return done.error();
    stored->ledger = shared.ledger;
    return stored->ledger.complete();
}

inline result<void> full_copy::impl::work(dump::snapshot_set& snapshots) {
    const std::uint64_t hands =
        (std::uint64_t{options.readers} + options.writers) * options.transaction_bytes;
    const auto room = static_cast<std::size_t>(
        std::max(options.transaction_bytes,
                 options.memory_limit > hands ? options.memory_limit - hands : 0));
    {
        const std::lock_guard lock(shared.mutex);
        shared.queue = std::make_unique<internal::batch_queue>(room);
        shared.speed_up_last();
    }
    if (shared.stopped()) return error(errc::task_stopped);
    std::vector<std::thread> readers, writers;
    for (std::uint32_t i = 0; i < options.writers; ++i)
        writers.emplace_back([this, i] { internal::copy_writer(shared, i).run(); });
    for (std::size_t i = 0; i < snapshots.sessions.size(); ++i) {
        const auto slot = static_cast<std::uint32_t>(options.writers + i);
        readers.emplace_back([this, slot, snap = std::move(snapshots.sessions[i])]() mutable {
            internal::copy_reader(shared, std::move(snap), slot).run();
        });
    }
    for (std::thread& t : readers) t.join();
    shared.queue->close();
    for (std::thread& t : writers) t.join();
    if (auto fault = round_fault()) return *fault;
    return {};
}

inline std::optional<error> full_copy::impl::round_fault() {
    if (shared.stopped()) return error(errc::task_stopped);
    if (auto fault = shared.fault()) return fault;
    const std::lock_guard lock(shared.mutex);
    return shared.lost;
}

// The ledger's chunks become as few as they can be.
inline result<void> full_copy::impl::merge_all() {
    for (const auto& job : shared.jobs) {
        const auto* chunks = shared.ledger.find(job->source());
        const auto merges = checkpoint::merge_neighbours(chunks->records());
        if (auto saved = shared.store->save_merges(*target_session, 0, merges); !saved)
            return saved;
        for (const checkpoint::chunk_merge& m : merges) {
            for (const std::uint64_t id : m.replaced) shared.ledger.erase_chunk(job->source(), id);
            if (auto added = shared.ledger.add(m.merged); !added) return added;
        }
    }
    return {};
}

// The keys that tables were made without: a few tables at a time.
inline result<void> full_copy::impl::add_late_keys() {
    std::vector<const checkpoint::copied_table*> open;
    for (const auto& [name, chunks] : stored->ledger.tables())
        if (chunks.info().state == checkpoint::copy_state::keys_later)
            open.push_back(&chunks.info());
    if (open.empty()) return {};
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < std::min<std::size_t>(options.writers, open.size()); ++i)
        workers.emplace_back([&] {
            for (std::size_t n = next++; n < open.size() && !shared.stopped(); n = next++) {
                auto done = add_late_keys(*open[n]);
                if (!done) return shared.fail(done.error());
            }
        });
    for (std::thread& t : workers) t.join();
    if (auto fault = round_fault()) return *fault;
    return {};
}

inline result<void> full_copy::impl::add_late_keys(const checkpoint::copied_table& t) {
    auto source_table = internal::definition_of(t, shared.source_facts.kind);
    if (!source_table) return source_table.error();
    auto s = mysql::session::connect(internal::target_session_options(target));
    if (!s) return s.error();
    shared.adopt(s->get_canceller());
    // A billion rows take their time.
    s->set_read_timeout(std::chrono::hours(24));
    auto form = read_target_facts(*s, shared.target_facts);
    if (!form) return form.error();
    target_tables maker(
        *s, shared.target_facts, std::move(*form), shared.source_facts.kind, callbacks.log);
    return maker.add_late_keys(*source_table, t.target);
}

inline result<copy_outcome> full_copy::impl::finish() {
    if (none) {
        copy_outcome out;
        out.none = true;
        return out;
    }
    if (!done_before) {
        if (auto added = add_late_keys(); !added) return added.error();
        std::vector<checkpoint::copied_table> tables;
        for (const auto& [name, chunks] : stored->ledger.tables()) {
            if (chunks.info().state == checkpoint::copy_state::gone) continue;
            checkpoint::copied_table t = chunks.info();
            t.state = checkpoint::copy_state::done;
            tables.push_back(std::move(t));
        }
        for (const checkpoint::copied_table& t : tables) stored->ledger.put(t);
        {
            const std::lock_guard lock(shared.mutex);
            shared.ledger = stored->ledger;
        }
        if (auto done = shared.store->save_tables(*target_session, tables, {}, {}); !done)
            return done.error();
        if (auto done = shared.store->save_head(
                *target_session, stored->server_identity, stored->place, true);
            !done)
            return done.error();
        stored->done = true;
    }
    auto out = internal::outcome_of(
        *stored, shared.source_facts.lower_case_table_names, shared.source_facts.kind);
    if (out) {
        out->was_done_before = done_before;
        out->rows_this_run = out->rows - std::min(out->rows, rows_at_start.value_or(0));
    }
    return out;
}

inline result<copy_outcome> full_copy::impl::run() {
    async::back_off wait(options.back_off);
    std::uint64_t rows_before = 0;
    bool done = false;
    for (;;) {
        if (shared.stopped()) return error(errc::task_stopped);
        shared.clear_fault();
        result<bool> complete = done;
        if (!done) complete = round();
        if (complete && *complete) {
            done = true;
            auto out = finish();
            if (out || out.error().info().retry == retry_class::never) return out;
            complete = out.error();
        }
        source_session.reset();
        target_session.reset();
        shared.forget_connections();
        if (shared.stopped()) return error(errc::task_stopped);
        if (complete) continue;  // tables that changed: the next round has them
        const error e = complete.error();
        if (e.info().retry == retry_class::never) return e;
        const std::uint64_t rows = shared.ledger.rows();
        if (rows > rows_before) wait.worked(shared.clock.steady_time());
        rows_before = rows;
        const bool of_source = e.info().scope == error_scope::upstream;
        const std::string on =
            of_source ? shared.place_of(source, "source") : shared.place_of(target, "target");
        if (auto waited = shared.back_off_after(wait, e, on); !waited) return waited.error();
        if (done)
            if (auto back = connect(); !back) continue;
    }
}

DMLIB_DECL full_copy::full_copy(copy_options options,
                                mysql::connect_options source,
                                mysql::connect_options target,
                                copy_callbacks callbacks)
    : impl_(std::make_unique<impl>(
          std::move(options), std::move(source), std::move(target), std::move(callbacks))) {
}

DMLIB_DECL full_copy::~full_copy() = default;

DMLIB_DECL result<copy_outcome> full_copy::run() {
    return impl_->run();
}

DMLIB_DECL void full_copy::cancel() {
    impl_->shared.stop();
}

DMLIB_DECL bool full_copy::wrote_to_target() const noexcept {
    return impl_->shared.wrote.load();
}

DMLIB_DECL copy_progress full_copy::progress() const {
    internal::copy_shared& shared = impl_->shared;
    copy_progress p;
    p.estimate = false;
    const std::lock_guard lock(shared.mutex);
    std::map<table_name, const internal::table_job*> parts;
    for (const auto& job : shared.jobs) parts[job->source()] = job.get();
    for (const auto& [name, chunks] : shared.ledger.tables()) {
        if (chunks.info().state == checkpoint::copy_state::gone) continue;
        copy_table_progress t;
        t.source = name;
        t.target = chunks.info().target;
        t.done = chunks.complete() && chunks.info().state != checkpoint::copy_state::keys_later;
        t.rows_done = chunks.rows();
        t.bytes_done = chunks.bytes();
        if (const auto found = parts.find(name); found != parts.end() && !t.done) {
            t.rows_done += found->second->part_rows;
            t.bytes_done += found->second->part_bytes;
        }
        t.estimate = !t.done;
        t.rows_total = t.done ? t.rows_done : std::max(chunks.info().rows_estimate, t.rows_done);
        t.bytes_total =
            t.done ? t.bytes_done : std::max(chunks.info().bytes_estimate, t.bytes_done);
        p.estimate = p.estimate || t.estimate;
        p.rows_total += t.rows_total;
        p.rows_done += t.rows_done;
        p.bytes_total += t.bytes_total;
        p.bytes_done += t.bytes_done;
        p.tables.push_back(std::move(t));
    }
    if (p.tables.empty()) p.estimate = true;
    shared.fill_blocked(p);
    return p;
}

DMLIB_DECL result<std::optional<copy_outcome>> full_copy::stored(
    const copy_options& options,
    const mysql::connect_options& target,
    int lower_case_table_names,
    const server_kind& source_kind) {
    auto s = mysql::session::connect(internal::target_session_options(target));
    if (!s) return s.error();
    const ledger_store store(
        options.meta_schema, options.task, options.source_id, source_kind.flavor);
    auto found = store.read(*s);
    if (!found) return found.error();
    if (!*found) return std::optional<copy_outcome>{};
    auto out = internal::outcome_of(**found, lower_case_table_names, source_kind);
    if (!out) return out.error();
    out->was_done_before = (*found)->done;
    return std::optional<copy_outcome>(std::move(*out));
}

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib
