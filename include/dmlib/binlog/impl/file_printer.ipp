#pragma once

#include <dmlib/binlog/file_printer.hpp>

#include <optional>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

struct file_printer::state {
    state(file_printer_options o, text_sink s)
        : options(std::move(o)), sink(std::move(s)), reader(options.reading) {}

    file_printer_options options;
    text_sink sink;
    file_reader reader;
    std::optional<error> fault;

    void stop(const error& e, std::uint64_t pos) {
        fault = e;
        if (options.json) {
            std::string line;
            append_json_error(line, options.reading.file, pos, e);
            sink(line);
        } else {
            sink("# FAULT at " + std::to_string(pos) + ": " + e.to_string() + "\n");
        }
    }

    bool run() {
        while (!fault) {
            auto e = reader.next();
            if (!e) {
                stop(e.error(), e.error().place().binlog_pos);
                return false;
            }
            if (*e == nullptr) return true;
            writer_options writing;
            writing.rows = options.rows;
            writing.dialect = reader.decoding().dialect();
            const event& ev = **e;
            auto done = options.json ? write_json_line(sink, ev, options.reading.file, writing)
                                     : write_text(sink, ev, options.reading.file, writing);
            if (!done) stop(done.error(), ev.start);
        }
        return false;
    }
};

DMLIB_DECL file_printer::file_printer(file_printer_options options, text_sink sink)
    : state_(std::make_unique<state>(std::move(options), std::move(sink))) {
}
DMLIB_DECL file_printer::~file_printer() = default;
DMLIB_DECL file_printer::file_printer(file_printer&&) noexcept = default;
DMLIB_DECL file_printer& file_printer::operator=(file_printer&&) noexcept = default;

DMLIB_DECL bool file_printer::feed(byte_view piece) {
    if (state_->fault) return false;
    state_->reader.feed(piece);
    return state_->run();
}

DMLIB_DECL int file_printer::finish() {
    if (!state_->fault) {
        if (auto done = state_->reader.finish(); !done)
            state_->stop(done.error(), state_->reader.offset());
    }
    return state_->fault ? 4 : 0;
}

DMLIB_DECL const error& file_printer::fault() const noexcept {
    static const error none;
    return state_->fault ? *state_->fault : none;
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
