// The blocks of mydumpers, loaders, syncers, validators -> structs.
#pragma once

#include <dmlib/config/impl/internal/field_reader.hpp>
#include <dmlib/config/task_file.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

inline std::vector<std::string> split_arguments(std::string_view text) {
    std::vector<std::string> out;
    bool open = false;
    char quote = 0;
    for (const char c : text) {
        if (quote != 0 ? c == quote : (c == '"' || c == '\'')) {
            quote = quote != 0 ? '\0' : c;
            if (!open) out.emplace_back();
            open = true;
        } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
            open = false;
        } else {
            if (!open) out.emplace_back();
            open = true;
            out.back().push_back(c);
        }
    }
    return out;
}

/// What split_arguments() makes this argument of.
inline std::string quoted_argument(std::string_view text) {
    if (!text.empty() && text.find_first_of(" \t\n\"'") == std::string_view::npos)
        return std::string(text);
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\"'\"'";
        } else {
            out += c;
        }
    }
    return out + "'";
}

/// What an option of dumpling means here.
struct dumpling_option {
    enum class effect : std::uint8_t { threads, rows, filesize, none };
    std::string_view name;
    std::string_view letter;
    dumpling_option::effect what;
    bool takes_value;
};
inline constexpr dumpling_option dumpling_options[] = {
    {"--threads", "-t", dumpling_option::effect::threads, true},
    {"--rows", "-r", dumpling_option::effect::rows, true},
    {"--filesize", "-F", dumpling_option::effect::filesize, true},
    {"--chunk-filesize", "", dumpling_option::effect::filesize, true},
    {"--consistency", "", dumpling_option::effect::none, true},
    {"--statement-size", "-s", dumpling_option::effect::none, true},
    {"--loglevel", "", dumpling_option::effect::none, true},
    {"--logfile", "-L", dumpling_option::effect::none, true},
    {"--no-locks", "-k", dumpling_option::effect::none, false},
};

class mydumper_reader {
public:
    mydumper_reader(const yaml_node* node, mark place, problem_list& problems)
        : r_(node, "mydumper"), problems_(problems) {
        out_.place = place;
    }

    mydumper_config read() {
        out_.threads = r_.number("threads");
        out_.chunk_filesize_bytes = r_.size("chunk-filesize");
        out_.statement_size_bytes = r_.size("statement-size");
        out_.rows = r_.number<std::uint64_t>("rows");
        arguments_ = split_arguments(r_.text("extra-args"));
        for (at_ = 0; at_ < arguments_.size(); ++at_) option();
        return out_;
    }

private:
    void option() {
        const std::string& written = arguments_[at_];
        const std::size_t equals =
            written.starts_with("--") ? written.find('=') : std::string::npos;
        const std::string name = written.substr(0, equals);
        for (const dumpling_option& o : dumpling_options) {
            if (name != o.name && (o.letter.empty() || name != o.letter)) continue;
            std::string value;
            if (equals != std::string::npos) {
                value = written.substr(equals + 1);
            } else if (o.takes_value && at_ + 1 < arguments_.size()) {
                value = arguments_[++at_];
            }
            apply(o, value);
            return;
        }
        problems_.fault(errc::config_not_supported,
                        r_.place("extra-args"),
                        "extra-args: " + printed(name) + " is not supported yet",
                        "Remove it. Tables are chosen by the block-allow-list.");
    }
    void apply(const dumpling_option& o, const std::string& value) {
        const auto number = read_int(value);
        const auto bytes = read_size(value, std::uint64_t{1} << 20U);
        const bool good_number = number && *number > 0;
        switch (o.what) {
            case dumpling_option::effect::threads:
                if (!good_number || *number > 1024) return wrong(o);
                out_.threads = static_cast<int>(*number);
                return;
            case dumpling_option::effect::rows:
                if (!good_number) return wrong(o);
                out_.rows = static_cast<std::uint64_t>(*number);
                return;
            case dumpling_option::effect::filesize:
                if (!bytes || *bytes == 0) return wrong(o);
                out_.chunk_filesize_bytes = *bytes;
                return;
            case dumpling_option::effect::none:
                problems_.warning(r_.place("extra-args"),
                                  "extra-args: " + std::string(o.name) +
                                      " has no effect here: the copy "
                                      "is a stream from one consistent snapshot",
                                  "Remove it.");
                return;
        }
    }
    void wrong(const dumpling_option& o) {
        problems_.fault(errc::config_bad_value,
                        r_.place("extra-args"),
                        "extra-args: the value of " + std::string(o.name) + " is wrong",
                        "Write it as " + std::string(o.name) + "=NUMBER.");
    }

    field_reader r_;
    problem_list& problems_;
    mydumper_config out_;
    std::vector<std::string> arguments_;
    std::size_t at_ = 0;
};

inline mydumper_config read_mydumper(const yaml_node* node, mark place, problem_list& problems) {
    return mydumper_reader(node, place, problems).read();
}

inline loader_config read_loader(const yaml_node* node, mark place, problem_list& problems) {
    const field_reader r(node, "loader");
    loader_config out;
    out.place = place;
    out.pool_size = r.number("pool-size");
    out.dir = r.text("dir");
    const std::string mode = r.word("import-mode");
    if (mode == "physical" || mode == "import-into") {
        problems.fault(errc::config_not_supported,
                       r.place("import-mode"),
                       "import-mode: " + mode + " is not supported yet",
                       "Set it to logical.");
    }
    const std::string named =
        r.has("on-duplicate-logical") ? "on-duplicate-logical" : "on-duplicate";
    const std::string duplicate = r.word(named);
    if (duplicate == "ignore")
        problems.fault(errc::config_not_supported,
                       r.place(named),
                       named + ": ignore is not supported: rows of the source would be left out",
                       "Set it to error, or to replace, or remove the target's rows.");
    if (duplicate == "replace") {
        out.on_duplicate = loader_config::duplicate::replace;
        problems.warning(r.place(named),
                         named +
                             ": replace: a copied row takes the place of every row of the target "
                             "with one of its keys, in merged tables of another table's row, too",
                         "Remove it where such a row should stop the task.");
    }
    return out;
}

inline syncer_config read_syncer(const yaml_node* node, mark place, problem_list&) {
    const field_reader r(node, "syncer");
    syncer_config out;
    out.place = place;
    out.worker_count = r.number("worker-count");
    out.batch = r.number("batch");
    out.queue_size = r.number("queue-size");
    out.checkpoint_flush_interval = std::chrono::seconds(r.number("checkpoint-flush-interval"));
    out.compact = r.flag("compact");
    out.multiple_rows = r.flag("multiple-rows");
    out.whole_transactions = r.word("ordering") == "transaction";
    out.safe_mode = r.flag("safe-mode");
    out.safe_mode_duration = r.duration("safe-mode-duration");
    const std::string policy = r.word("on-row-mismatch");
    out.on_row_mismatch = policy == "warn"     ? mismatch_policy::warn
                          : policy == "repair" ? mismatch_policy::repair
                                               : mismatch_policy::error;
    return out;
}

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
