#pragma once

#include <dmlib/async/system.hpp>
#include <dmlib/sync/impl/internal/session_run.hpp>
#include <dmlib/sync/syncer.hpp>

#include <fmt/format.h>

#include <condition_variable>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

DMLIB_DECL std::string identity_of(const mysql::server_facts& facts) {
    if (!facts.server_uuid.empty()) return facts.server_uuid;
    return fmt::format("mariadb-{}", facts.server_id);
}

DMLIB_DECL schema::resolve_options resolve_facts_of(const mysql::server_facts& source) {
    schema::resolve_options out;
    out.server = source.kind;
    out.server_charset = source.character_set_server;
    out.server_collation = source.collation_server;
    out.explicit_defaults_for_timestamp = source.explicit_defaults_for_timestamp;
    out.time_zone_offset = source.system_offset;
    out.character_set_collations = std::string(source.variable("character_set_collations"));
    out.utf8mb4_collation = std::string(source.variable("default_collation_for_utf8mb4"));
    return out;
}

DMLIB_DECL schema::target_facts target_form_of(const mysql::server_facts& target) {
    schema::target_facts out;
    out.dialect = target.dialect;
    out.version = target.kind.version;
    out.default_collation = target.collation_server;
    out.folds_names = target.folds_names();
    return out;
}

DMLIB_DECL void prepare_target_session(mysql::connect_options& options,
                                       const mysql::server_facts& facts) {
    auto& v = options.session_variables;
    options.multi_statements = true;
    options.found_rows = true;
    options.role = mysql::role::target;
    v.emplace("sql_mode", std::string(dml::strict_mode));
    v.emplace("foreign_key_checks", "0");
    v.emplace("wait_timeout", "86400");  // lanes of a quiet source wait long
    v["time_zone"] = "+00:00";
    if (facts.is_tidb()) {
        v.emplace("tidb_multi_statement_mode", "ON");
        v.emplace("tidb_txn_mode", "pessimistic");
    }
}

struct syncer::impl {
    sync_options options;
    internal::shared_state shared;
    std::mutex wait_mutex;
    std::condition_variable wait;

    bool narrow(const error& fault);
};

/// A transaction of lanes that is too large for the target (its cache for the binlog, TiDB's
/// limits) was rolled back. What was in it is read again from the checkpoint, in several ones.
DMLIB_DECL bool syncer::impl::narrow(const error& fault) {
    if (fault.code() != errc::db_packet_too_large ||
        shared.narrowed == internal::session_run::narrowest)
        return false;
    ++shared.narrowed;
    if (options.log) {
        options.log(log_level::warning,
                    fmt::format("[{}] a transaction is too large for the target; going on from "
                                "the checkpoint with smaller ones: {}",
                                options.source_id,
                                fault.message()));
    }
    return true;
}

DMLIB_DECL syncer::syncer(sync_options options) : impl_(std::make_unique<impl>()) {
    impl_->options = std::move(options);
}
DMLIB_DECL syncer::~syncer() = default;

DMLIB_DECL bool syncer::wrote_to_target() const noexcept {
    return impl_->shared.wrote.load();
}

DMLIB_DECL sync_status syncer::status() const {
    auto& shared = impl_->shared;
    sync_status out = [&] {
        const std::lock_guard lock(shared.mutex);
        return shared.status;
    }();
    // Asked here: the thread that runs may be what waits.
    const auto request =
        shared.open.oldest(std::chrono::steady_clock::now(), std::chrono::seconds(5));
    if (request) {
        out.waits_for = internal::text_of(*request);
        out.waits_since = request->since;
        out.waits_for_target = request->connection != 0;
    }
    return out;
}

DMLIB_DECL void syncer::stop() {
    impl_->shared.stop = true;
    {
        const std::lock_guard lock(impl_->shared.mutex);
        if (impl_->shared.box != nullptr) impl_->shared.box->wake();
    }
    const std::lock_guard lock(impl_->wait_mutex);
    impl_->wait.notify_all();
}

DMLIB_DECL result<sync_end> syncer::run() {
    async::system_clock_source clock;
    async::system_random_source random;
    async::back_off retry{impl_->options.back_off};
    auto& shared = impl_->shared;
    // Whoever waits for the end of a statement of this source would wait for ever.
    const struct goodbye {
        const sync_options& o;
        ~goodbye() {
            if (o.turns) o.turns->gone(o.source_id);
        }
    } at_end{impl_->options};
    for (;;) {
        if (shared.stop) return sync_end::stopped;
        std::optional<error> fault;
        const auto began = clock.steady_time();
        {
            internal::session_run run{impl_->options, shared};
            auto end = run.run();
            const bool again = std::exchange(shared.again, false);
            if (end && !again) return end;
            if (run.worked()) retry.worked(began);
            if (!end) fault = end.error();
        }
        {
            const std::lock_guard lock(shared.mutex);
            shared.rows_before = shared.status.rows_committed;
        }
        if (!fault) continue;
        fault->task(impl_->options.task).source(impl_->options.source_id);
        if (impl_->narrow(*fault)) continue;
        if (fault->info().retry == retry_class::never) return *fault;
        const auto pause = retry.next(clock.steady_time(), random);
        if (!pause) return async::gave_up(impl_->options.back_off, *fault, {});
        if (impl_->options.log) {
            impl_->options.log(
                log_level::warning,
                fmt::format("{}; next try in {} ms", fault->to_string(), pause->count()));
        }
        {
            const std::lock_guard lock(shared.mutex);
            sync_status& s = shared.status;
            if (!s.blocked) s.blocked_since = std::chrono::steady_clock::now();
            s.blocked = fault;
            s.next_try = std::chrono::steady_clock::now() + *pause;
            s.tries = static_cast<std::uint32_t>(retry.failures());
            s.retries = static_cast<std::uint32_t>(retry.all_failures());
        }
        std::unique_lock lock(impl_->wait_mutex);
        impl_->wait.wait_for(lock, *pause, [&] { return shared.stop.load(); });
    }
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
