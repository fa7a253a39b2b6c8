// A writer of a full copy: one target transaction per batch, with the batch's row of the ledger.
#pragma once

#include <dmlib/dml/batch.hpp>
#include <dmlib/load/impl/internal/copy_shared.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load::internal {

/// How a session of the copy talks to the target: strict, UTC, LOAD DATA LOCAL allowed, and without
/// looking at foreign keys: tables are made and filled in no order of theirs, and all rows are of
/// one snapshot that kept them.
inline mysql::connect_options target_session_options(const mysql::connect_options& given) {
    mysql::connect_options o = given;
    o.role = mysql::role::target;
    o.charset = "utf8mb4";
    o.local_infile = true;
    o.session_variables["sql_mode"] = std::string(dml::strict_mode);
    o.session_variables["time_zone"] = "+00:00";
    o.session_variables["foreign_key_checks"] = "0";
    // One statement writes megabytes; a busy disk may take its time.
    o.read_timeout = std::max(o.read_timeout, std::chrono::milliseconds(300000));
    return o;
}

class copy_writer {
public:
    copy_writer(copy_shared& shared, std::uint32_t slot)
        : shared_(shared), slot_(slot), wait_(shared.options.back_off) {}

    void run() {
        while (auto batch = shared_.queue->pop()) {
            auto done = write(*batch);
            shared_.queue->done(batch->job->turn, batch->load);
            if (!done) {
                shared_.fail(done.error());
                return;
            }
        }
    }

    /// Reads a table and writes it here, all in one transaction.
    result<void> copy_whole(const std::shared_ptr<table_job>& job,
                            dump::snapshot& from,
                            bool release) {
        moving_batch whole;
        whole.job = job;
        whole.place = from.place;
        whole.rows.range = {};
        {
            const std::lock_guard lock(shared_.mutex);
            whole.id = shared_.next_chunk_id++;
            ++job->batches_out;
        }
        if (auto ready = connect(); !ready) return ready.error();
        auto done = stream_whole(whole, from, release);
        if (done) return {};
        if (session_ && session_->is_open()) (void)session_->execute("ROLLBACK");
        return done;
    }

private:
    result<void> connect() {
        while (!session_ || !session_->is_open()) {
            auto s = mysql::session::connect(target_session_options(shared_.target));
            if (s) {
                session_ = std::move(*s);
                shared_.adopt(session_->get_canceller());
                // TiDB before 8.0 may run an optimistic transaction again by itself: its UPDATE of
                // the slot would then find none, and nobody would see that.
                locks_ = lock_time::statement;
                if (shared_.target_facts.is_tidb() &&
                    session_->execute("SET SESSION tidb_disable_txn_auto_retry=1"))
                    locks_ = lock_time::commit;
                break;
            }
            if (s.error().info().retry == retry_class::never) return s.error();
            if (auto waited = wait_for(s.error()); !waited) return waited.error();
        }
        return {};
    }

    result<void> wait_for(const error& e) {
        return shared_.back_off_after(wait_, e, shared_.place_of(shared_.target, "target"));
    }

    // Until it is committed, or a fault that a person has to put right.
    result<void> write(moving_batch& batch) {
        if (pointless(batch)) return {};
        for (int attempt = 1;; ++attempt) {
            if (auto ready = connect(); !ready) return ready.error();
            auto done = try_write(batch);
            if (done) {
                if (wait_.failures() != 0) shared_.clear_blocked();
                wait_.worked(shared_.clock.steady_time());
                return {};
            }
            const error& e = done.error();
            if (shared_.stopped()) return error(errc::task_stopped);
            if (e.info().retry == retry_class::never) return e;
            if (!batch.job->target_transactional) return begin_again(batch, e);
            if (session_->is_open() && e.info().retry == retry_class::statement) {
                (void)session_->execute("ROLLBACK");
                // Deadlocks and the like end soon; what does not is treated as an outage.
                if (attempt <= 20 && shared_.pause(std::chrono::milliseconds(5 * attempt)))
                    continue;
            } else {
                session_.reset();
            }
            if (auto waited = wait_for(e); !waited) return waited.error();
        }
    }

    // Rows of a table whose copy begins again in the next round.
    bool pointless(const moving_batch& batch) {
        const std::lock_guard lock(shared_.mutex);
        return batch.part && batch.job->broken;
    }

    // Without transactions nobody knows how much of the batch is there.
    result<void> begin_again(const moving_batch& batch, const error& e) {
        session_.reset();
        const std::lock_guard lock(shared_.mutex);
        batch.job->broken = true;
        if (!shared_.lost) shared_.lost = e;
        return {};
    }

    checkpoint::chunk_record record_of(const moving_batch& b) const {
        checkpoint::chunk_record r;
        r.table = b.job->source();
        r.id = b.id;
        r.range = b.rows.range;
        r.position = *b.place;
        r.rows = b.rows.rows;
        r.bytes = b.rows.data.size();
        return r;
    }

    enum class attempt { written, insert_instead };

    result<void> try_write(moving_batch& batch) {
        const checkpoint::chunk_record record = record_of(batch);
        bool load = batch.load && shared_.options.method != write_method::insert &&
                    batch.job->target_transactional && suits_load(*batch.job->plan, batch.rows);
        // TiDB locks row by row otherwise, a round trip to its storage each time; here nobody else
        // writes these rows.
        lock_time locks = locks_;
        for (;;) {
            auto done = write_transaction(batch, record, load, locks);
            if (done) {
                if (*done == attempt::written) break;
                load = false;
                continue;
            }
            if (locks == lock_time::statement || done.error().info().retry != retry_class::never) {
                return done.error();
            }
            // What a COMMIT finds names no row: once more, with each statement checked.
            locks = lock_time::statement;
            if (session_ && session_->is_open()) (void)session_->execute("ROLLBACK");
            if (auto ready = connect(); !ready) return ready.error();
        }
        return committed(batch, record);
    }

    result<attempt> write_transaction(moving_batch& batch,
                                      const checkpoint::chunk_record& record,
                                      bool load,
                                      lock_time locks) {
        auto begun = shared_.store->begin_chunk(*session_, slot_, record, batch.part, locks);
        if (!begun) return begun.error();
        if (!*begun) return attempt::written;  // committed before
        auto report = write_rows(batch, load);
        if (!report) return rolled_back(report.error());
        if (report->load_failed) {
            // LOAD DATA tells the number of faults at most; an INSERT tells the row.
            if (auto back = session_->execute("ROLLBACK"); !back) return back.error();
            return attempt::insert_instead;
        }
        if (auto done = session_->execute("COMMIT"); !done) return done.error();
        return attempt::written;
    }

    error rolled_back(error e) {
        if (session_->is_open()) (void)session_->execute("ROLLBACK");
        // A lax statement may have left its mode behind.
        if (e.info().retry == retry_class::never) session_.reset();
        return e;
    }

    result<write_report> write_rows(const moving_batch& batch, bool load) {
        if (batch.rows.rows == 0) return write_report{};
        const write_plan& plan = *batch.job->plan;
        write_options options;
        options.statement_bytes = shared_.options.statement_bytes;
        if (!load) return insert_batch(*session_, plan, batch.rows, options);
        auto loaded = plan.can_bulk ? bulk_batch(*session_, plan, batch.rows, options)
                                    : load_batch(*session_, plan, batch.rows);
        if (loaded || loaded.error().info().retry != retry_class::never) return loaded;
        // local_infile is off, or the statement is not understood, or a row does not fit: the
        // INSERT says what is wrong.
        plan.failed_loads.fetch_add(1);
        if (!session_->is_open()) return loaded;
        shared_.log(log_level::debug,
                    quoted(plan.target) +
                        ": a batch is written again by INSERT: " + loaded.error().message());
        write_report failed;
        failed.load_failed = true;
        return failed;
    }

    // The batch is on the target: ledger, merging, the end of a table.
    result<void> committed(const moving_batch& batch, const checkpoint::chunk_record& record) {
        table_job& job = *batch.job;
        std::vector<checkpoint::chunk_merge> merges;
        std::optional<checkpoint::chunk_record> whole;
        {
            const std::lock_guard lock(shared_.mutex);
            ++job.batches_in;
            shared_.speed_up_last();
            if (batch.part) {
                job.part_rows += record.rows;
                job.part_bytes += record.bytes;
                job.parts_end = job.parts_end || batch.rows.last;
                if (job.parts_end && job.batches_in == job.batches_out) whole = whole_record(job);
            } else if (auto added = shared_.ledger.add(record); !added) {
                return added.error();
            }
            // The ledger stays small, however large the table is.
            if (!batch.part && ++job.unmerged >= 512) {
                job.unmerged = 0;
                merges = merge_in_memory(job);
            }
        }
        if (whole) return finish_parts(*whole);
        if (!merges.empty()) return shared_.store->save_merges(*session_, slot_, merges);
        return {};
    }

    checkpoint::chunk_record whole_record(const table_job& job) {
        checkpoint::chunk_record r;
        r.table = job.source();
        r.id = shared_.next_chunk_id++;
        r.position = *job.part_place;
        r.rows = job.part_rows;
        r.bytes = job.part_bytes;
        return r;
    }

    std::vector<checkpoint::chunk_merge> merge_in_memory(const table_job& job) {
        auto merges = checkpoint::merge_neighbours(shared_.ledger.find(job.source())->records());
        for (const checkpoint::chunk_merge& m : merges) {
            for (const std::uint64_t id : m.replaced) shared_.ledger.erase_chunk(job.source(), id);
            // Same id and lower end: replaces its first part.
            (void)shared_.ledger.add(m.merged);
        }
        return merges;
    }

    result<void> finish_parts(const checkpoint::chunk_record& whole) {
        for (;;) {
            if (auto ready = connect(); !ready) return ready.error();
            auto done = shared_.store->finish_parts(*session_, slot_, whole);
            if (done) break;
            if (done.error().info().retry == retry_class::never) return done.error();
            session_.reset();
            if (auto waited = wait_for(done.error()); !waited) return waited.error();
        }
        const std::lock_guard lock(shared_.mutex);
        return shared_.ledger.add(whole);
    }

    // A direct copy: no batch is committed before all are written.
    result<void> stream_whole(moving_batch& whole, dump::snapshot& from, bool release) {
        auto& s = *session_;
        if (auto begun = s.execute("BEGIN"); !begun) return begun.error();
        result<void> fault;
        const auto sink = [&](dump::row_batch&& b) {
            if (shared_.stopped()) return false;
            moving_batch piece{whole.job, std::move(b), 0, whole.place, true, true};
            bool load = shared_.options.method != write_method::insert &&
                        suits_load(*whole.job->plan, piece.rows);
            if (auto save = s.execute("SAVEPOINT dmlib_piece"); !save) fault = save.error();
            while (fault) {
                auto report = write_rows(piece, load);
                if (!report) fault = report.error();
                if (!report || !report->load_failed) break;
                load = false;
                if (auto back = s.execute("ROLLBACK TO SAVEPOINT dmlib_piece"); !back)
                    fault = back.error();
            }
            whole.rows.rows += piece.rows.rows;
            direct_bytes_ += piece.rows.data.size();
            return fault.has_value();
        };
        dump::read_options options;
        options.batch_bytes = shared_.options.transaction_bytes;
        auto done = dump::read_range(from.session, *whole.job->table, {}, options, release, sink);
        if (!fault) return fault.error();
        if (done.failure) return *done.failure;
        return finish_direct(whole);
    }

    result<void> finish_direct(const moving_batch& whole) {
        checkpoint::chunk_record record = record_of(whole);
        record.bytes = std::exchange(direct_bytes_, 0);
        if (auto in = shared_.store->add_chunk(*session_, slot_, record); !in) return in;
        if (auto done = session_->execute("COMMIT"); !done) return done.error();
        const std::lock_guard lock(shared_.mutex);
        ++whole.job->batches_in;
        return shared_.ledger.add(record);
    }

    copy_shared& shared_;
    std::uint32_t slot_;
    async::back_off wait_;
    std::optional<mysql::session> session_;
    lock_time locks_ = lock_time::statement;  // of a batch, where the session allows
    std::uint64_t direct_bytes_ = 0;
};

}  // namespace load::internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
