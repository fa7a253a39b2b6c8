// A reader of a full copy: takes ranges of tables, reads them in its snapshot, queues the rows.
#pragma once

#include <dmlib/load/impl/internal/copy_shared.hpp>
#include <dmlib/load/impl/internal/copy_writer.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load::internal {

class copy_reader {
public:
    copy_reader(copy_shared& shared, dump::snapshot snap, std::uint32_t slot)
        : shared_(shared), snapshot_(std::move(snap)), slot_(slot) {}

    void run() {
        while (auto order = next_order()) {
            const bool go_on = serve(*order);
            const std::lock_guard lock(shared_.mutex);
            --order->job->readers;
            --shared_.busy_readers;
            finish_if_read(*order->job);
            shared_.speed_up_last();
            shared_.changed.notify_all();
            if (!go_on) return;
        }
    }

private:
    // ---- choosing work (all under the mutex)

    bool open(const table_job& job) const {
        if (job.changed || job.broken || job.preparing) return false;
        if (job.one_piece()) return !job.taken;
        return job.want_bounds || !job.planner->exhausted();
    }

    std::shared_ptr<table_job> choose() const {
        std::shared_ptr<table_job> best;
        for (const auto& job : shared_.jobs)
            if (open(*job) && (!best || job->readers < best->readers)) best = job;
        return best;
    }

    std::optional<read_order> next_order() {
        std::unique_lock lock(shared_.mutex);
        for (;;) {
            if (shared_.stopped() || shared_.queue->closed()) return std::nullopt;
            if (auto job = choose()) {
                ++job->readers;
                ++shared_.busy_readers;
                return take(job);
            }
            // Another reader may give back a part of its range.
            if (shared_.busy_readers == 0) {
                shared_.changed.notify_all();
                return std::nullopt;
            }
            shared_.changed.wait(lock);
        }
    }

    static read_order take(const std::shared_ptr<table_job>& job) {
        if (job->one_piece()) {
            job->taken = true;
            return {job, {}, false};
        }
        if (job->want_bounds) {
            job->preparing = true;
            return {job, {}, true};
        }
        return {job, *job->planner->next(), false};
    }

    void finish_if_read(table_job& job) const {
        const bool open_ranges =
            job.one_piece() ? !job.taken : job.want_bounds || !job.planner->exhausted();
        job.all_out = !job.changed && !job.broken && !open_ranges && job.readers == 0;
    }

    // ---- doing it. False: this reader's snapshot is lost, or all stop.

    bool serve(const read_order& order) {
        if (order.ask_bounds) return ask_bounds(*order.job);
        if (order.job->table->engine != dump::engine_class::transactional)
            return read_locked(order.job);
        if (order.job->kind != job_kind::ranges) return read_whole(order.job, snapshot_, true);
        return read_one_range(order.job, order.range);
    }

    bool ask_bounds(table_job& job) {
        auto bounds = dump::read_key_bounds(snapshot_.session, *job.table);
        result<void> released;
        if (snapshot_.session.is_open()) released = dump::release_metadata_locks(snapshot_.session);
        const std::lock_guard lock(shared_.mutex);
        job.preparing = false;
        job.want_bounds = false;
        if (bounds && *bounds) job.planner->set_bounds((*bounds)->least, (*bounds)->greatest);
        if (!bounds) return note_failure(job, bounds.error());
        if (!released) return note_failure(job, released.error());
        return true;
    }

    bool read_one_range(const std::shared_ptr<table_job>& job, const checkpoint::key_range& range) {
        dump::read_options options;
        options.limit = job->rows_per_range * 2;
        options.batch_bytes = shared_.options.transaction_bytes;
        const auto sink = [&](dump::row_batch&& b) {
            return send(job, std::move(b), snapshot_.place, false);
        };
        dump::read_result done =
            dump::read_range(snapshot_.session, *job->table, range, options, true, sink);
        const std::lock_guard lock(shared_.mutex);
        if (done.rest) {
            // Larger than the server had guessed: time to look where the keys are.
            if (!done.failure && !job->asked) job->asked = job->want_bounds = true;
            job->planner->give_back(*done.rest);
        } else {
            job->planner->observe(range, done.rows);
        }
        return done.failure ? note_failure(*job, *done.failure) : true;
    }

    // A table of an engine without snapshots, under a lock of its own.
    bool read_locked(const std::shared_ptr<table_job>& job) {
        auto locked = dump::lock_table(shared_.source,
                                       shared_.source_facts,
                                       job->source(),
                                       shared_.options.lock_timeout,
                                       shared_.adopter());
        if (!locked) {
            const std::lock_guard lock(shared_.mutex);
            job->broken = true;
            return note_failure(*job, locked.error());
        }
        if (job->kind != job_kind::ranges) return read_whole(job, *locked, false);
        return read_all_ranges(job, *locked);
    }

    bool read_all_ranges(const std::shared_ptr<table_job>& job, dump::snapshot& from) {
        for (;;) {
            std::optional<checkpoint::key_range> range;
            {
                const std::lock_guard lock(shared_.mutex);
                range = job->planner->next();
            }
            if (!range) return true;
            dump::read_options options;
            options.batch_bytes = shared_.options.transaction_bytes;
            const auto sink = [&](dump::row_batch&& b) {
                return send(job, std::move(b), from.place, false);
            };
            dump::read_result done =
                dump::read_range(from.session, *job->table, *range, options, false, sink);
            if (!done.failure) continue;
            const std::lock_guard lock(shared_.mutex);
            job->broken = true;
            return note_failure(*job, *done.failure);
        }
    }

    // A table without an ordered key.
    bool read_whole(const std::shared_ptr<table_job>& job, dump::snapshot& from, bool release) {
        if (job->kind == job_kind::direct) return copy_directly(job, from, release);
        dump::read_options options;
        options.batch_bytes = shared_.options.transaction_bytes;
        bool first = true;
        const auto sink = [&](dump::row_batch&& b) {
            // A table of one batch is whole by itself; else the batches count only together.
            const bool part = !(first && b.last);
            first = false;
            return send(job, std::move(b), from.place, part);
        };
        dump::read_result done =
            dump::read_range(from.session, *job->table, {}, options, release, sink);
        if (!done.failure) return true;
        const std::lock_guard lock(shared_.mutex);
        job->broken = true;
        return note_failure(*job, *done.failure);
    }

    bool copy_directly(const std::shared_ptr<table_job>& job, dump::snapshot& from, bool release) {
        copy_writer writer(shared_, slot_);
        auto outcome = writer.copy_whole(job, from, release);
        if (outcome) return true;
        const std::lock_guard lock(shared_.mutex);
        job->broken = true;
        return note_failure(*job, outcome.error());
    }

    bool send(const std::shared_ptr<table_job>& job,
              dump::row_batch&& rows,
              const std::shared_ptr<const location>& place,
              bool part) {
        moving_batch b{job, std::move(rows), 0, place, part, true};
        {
            const std::lock_guard lock(shared_.mutex);
            b.id = shared_.next_chunk_id++;
            ++job->batches_out;
            job->part_place = place;
        }
        const std::size_t bytes = b.rows.data.capacity() + 256;
        return shared_.queue->push(std::move(b), job->turn, bytes);
    }

    // Under the mutex.
    bool note_failure(table_job& job, error e) {
        if (shared_.stopped() || shared_.queue->closed()) return false;
        if (e.code() == errc::dump_table_changed) {
            job.changed = true;
            shared_.log(log_level::warning,
                        quoted(job.source()) +
                            ": the definition changed during the copy; the "
                            "table is copied again (" +
                            e.message() + ")");
            return true;
        }
        if (e.info().retry == retry_class::never) {
            fatal_ = e;
            if (e.code() == errc::db_query_failed) {
                fatal_ =
                    error(errc::dump_read, "Reading " + quoted(job.source()) + ": " + e.message());
                fatal_->server_errno(e.server_errno());
            }
            fatal_->table(job.source().schema, job.source().table);
        }
        shared_.lost = fatal_ ? *fatal_ : e;
        if (fatal_) shared_.queue->fail();
        return false;
    }

    copy_shared& shared_;
    dump::snapshot snapshot_;
    std::uint32_t slot_;
    std::optional<error> fatal_;
};

}  // namespace load::internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
