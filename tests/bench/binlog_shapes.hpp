// Binlogs to measure with, made in memory: the shapes of sysbench's table and transactions.
#pragma once

#include <unit/binlog/event_bytes.hpp>

#include <cstdint>
#include <string>

namespace bench {

struct made_binlog {
    std::string bytes;  ///< a whole file
    std::uint64_t rows = 0;
    std::uint64_t row_bytes = 0;  ///< of the row events
};

/// sysbench's table: INT, INT, CHAR(120), CHAR(60), all NOT NULL, as MySQL 8.0 logs it.
class sysbench_log {
public:
    /// Row events of 8 KB, as the servers write them: a copy, a bulk load.
    static made_binlog bulk(std::size_t size) {
        sysbench_log log;
        while (log.out_.bytes.size() < size) {
            log.begin();
            for (int i = 0; i < 20; ++i) {
                log.add(log.maker_.make(19, table_map(9)));
                std::string rows;
                for (int row = 0; row < 42; ++row) rows += log.row();
                log.add_rows(30, 9, rows, 42);
            }
            log.add(log.maker_.xid(++log.number_));
        }
        return log.finish();
    }

    /// sysbench oltp_write_only: two updates, a delete and an insert in a transaction.
    static made_binlog transactions(std::size_t size) {
        sysbench_log log;
        while (log.out_.bytes.size() < size) {
            log.begin();
            for (const int code : {31, 31, 32, 30}) {
                log.add(log.maker_.make(19, table_map(9)));
                log.add_rows(code, 9, code == 31 ? log.row() + log.row() : log.row(), 1);
            }
            log.add(log.maker_.xid(++log.number_));
        }
        return log.finish();
    }

    /// Many narrow columns (18 of INT, BIGINT, DATETIME, DECIMAL, VARCHAR): the dearest rows by the
    /// byte.
    static made_binlog narrow(std::size_t size) {
        sysbench_log log;
        while (log.out_.bytes.size() < size) {
            log.begin();
            for (int i = 0; i < 20; ++i) {
                log.add(log.maker_.make(19, narrow_map(10)));
                std::string rows;
                for (int row = 0; row < 80; ++row) rows += log.narrow_row();
                log.add_rows(30, 10, rows, 80, 18);
            }
            log.add(log.maker_.xid(++log.number_));
        }
        return log.finish();
    }

private:
    sysbench_log() {
        out_.bytes =
            "\xfe"
            "bin";
        add(maker_.format());
    }

    static std::string le(std::uint64_t n, int bytes) { return binlog_test::le(n, bytes); }
    static std::string named(const std::string& name) {
        return le(name.size(), 1) + name + std::string(1, '\0');
    }
    static std::string table_map(std::uint64_t id) {
        return le(id, 6) + le(1, 2) + named("sbtest") + named("sbtest1") + le(4, 1) +
               "\x03\x03\xfe\xfe" + le(4, 1) + "\xfe\x78\xfe\x3c" + le(0, 1);
    }
    static std::string narrow_map(std::uint64_t id) {
        const std::string group = "\x03\x08\x03\x12\xf6\x0f";
        const std::string metadata = std::string("\0\x0c\x02\x14\0", 5);
        return le(id, 6) + le(1, 2) + named("sbtest") + named("narrow") + le(18, 1) + group +
               group + group + le(15, 1) + metadata + metadata + metadata + le(0xff, 1) +
               le(0xff, 1) + le(3, 1);
    }

    void begin() {
        add(maker_.gtid(number_ + 1));
        add(maker_.query("BEGIN", "sbtest"));
    }
    std::string row() {
        number_ += 7;
        const std::string c = std::to_string(number_ * 2654435761u) + std::string(120, '-');
        return le(0, 1) + le(number_ & 0x7fffffff, 4) + le(number_ / 3, 4) + le(120, 1) +
               c.substr(0, 120) + le(60, 1) + c.substr(0, 60);
    }
    std::string narrow_row() {
        std::string out = le(0x20, 3);  // the sixth is NULL
        for (int group = 0; group < 3; ++group) {
            ++number_;
            out += le(number_, 4) + le(number_ * 977, 8) + le(number_ / 5, 4) +
                   "\x99\xb2\x6e\x5b\x17" + std::string("\x80\0\0\3\xe8\x32", 6);
            if (group != 0) out += le(5, 1) + "short";
        }
        return out;
    }
    void add(const std::string& event) { out_.bytes += event; }
    void add_rows(
        int code, std::uint64_t id, const std::string& rows, std::uint64_t count, int columns = 4) {
        std::string body =
            le(id, 6) + le(1, 2) + le(2, 2) + le(static_cast<std::uint64_t>(columns), 1);
        const std::string all = le((std::uint64_t{1} << columns) - 1, (columns + 7) / 8);
        body += code == 31 ? all + all : all;
        const std::string event = maker_.make(code, body + rows);
        out_.rows += count;
        out_.row_bytes += event.size();
        add(event);
    }
    made_binlog finish() {
        add(maker_.rotate("binlog.000002", 4));
        return std::move(out_);
    }

    binlog_test::event_maker maker_;
    std::uint64_t number_ = 0;
    made_binlog out_;
};

}  // namespace bench
