// Change data capture: prints each transaction of a server, from where the last run ended.
//   example_follow_changes PORT SCHEMA POSITION_FILE [COUNT]
// The position of the last transaction that was printed is kept in POSITION_FILE, so a run that is
// killed prints at most the transaction again that it was printing. COUNT ends the program after so
// many transactions; Ctrl-C does at any time.
#include <dmlib/dmlib.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

namespace asio = boost::asio;

namespace {

/// The file holds the name of a binlog and an offset in it.
std::optional<dmlib::location> read_position(const std::string& name) {
    dmlib::location where;
    std::ifstream file(name);
    if (!(file >> where.position.file >> where.position.pos)) return std::nullopt;
    return where;
}

/// Writes a new file and renames it, so that a crash leaves the old one or the new one.
bool write_position(const std::string& name, const dmlib::location& where) {
    const std::string fresh = name + ".new";
    std::ofstream file(fresh);
    file << where.position.file << ' ' << where.position.pos << '\n';
    file.close();
    return file && std::rename(fresh.c_str(), name.c_str()) == 0;
}

void print_row(const char* what,
               const std::vector<std::string>& columns,
               const std::vector<dmlib::value>& row) {
    std::printf("  %s", what);
    for (std::size_t i = 0; i < row.size() && i < columns.size(); ++i) {
        const bool null = row[i].view.is_null();
        std::printf(" %s=%s", columns[i].c_str(), null ? "NULL" : row[i].to_text().c_str());
    }
    std::printf("\n");
}

void print_transaction(const dmlib::sync::change_transaction& t) {
    std::printf("transaction %s at %s\n", t.gtid.c_str(), dmlib::to_string(t.end.position).c_str());
    if (!t.ddl.empty()) std::printf("  ddl %s\n", t.ddl.c_str());
    for (const auto& row : t.rows) {
        std::printf("  %s.%s\n", row.source.schema.c_str(), row.source.table.c_str());
        if (!row.before.empty()) print_row("before", *row.columns, row.before);
        if (!row.after.empty()) print_row("after", *row.columns, row.after);
    }
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: example_follow_changes PORT SCHEMA POSITION_FILE [COUNT]\n");
        return 2;
    }
    const std::string position_file = argv[3];
    std::atomic<long> left = argc > 4 ? std::atol(argv[4]) : -1;

    asio::io_context context;
    dmlib::source_options from;
    from.id = "follow";
    from.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    dmlib::task_options options;
    options.name = "follow-changes";
    options.mode = dmlib::task_mode::incremental;
    dmlib::task task{context.get_executor(), options};
    dmlib::source_settings settings;
    settings.start = read_position(position_file);
    task.add_source(dmlib::source{context.get_executor(), from},
                    dmlib::filter{}.allow(std::string(argv[2]) + ".*"),
                    {},
                    {},
                    settings);
    task.deliver_to([&](const dmlib::sync::change_transaction& t) -> dmlib::result<void> {
        if (left == 0) return {};  // behind the last one that was asked for: it is not acknowledged
        print_transaction(t);
        if (!write_position(position_file, t.end)) {
            return dmlib::error(dmlib::errc::config_file,
                                "The position cannot be written to " + position_file + ".");
        }
        if (left > 0 && --left == 0) task.stop();
        return {};
    });

    task.on_progress([last = std::string()](const dmlib::task_status& status) mutable {
        for (const auto& part : status.sources) {
            const std::string now = part.blocked ? part.blocked->on : "";
            if (now != last && !now.empty()) std::fprintf(stderr, "waiting: %s\n", now.c_str());
            last = now;
        }
    });

    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code ec, int) {
        if (!ec) task.stop();
    });
    int status = 1;
    task.async_run([&](dmlib::task_outcome outcome) {
        signals.cancel();
        if (outcome.error) std::fprintf(stderr, "%s\n", outcome.error->to_string().c_str());
        status = outcome.result == dmlib::task_result::error ? 1 : 0;
    });
    context.run();
    return status;
}
