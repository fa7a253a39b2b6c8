// What the checks share: sessions, facts, the tables in question, and where findings go.
#pragma once

#include <dmlib/check/check.hpp>
#include <dmlib/check/impl/internal/grants.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/mysql/session.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

/// Collects the findings of one server. A check without a finding leaves one passed item.
class findings {
public:
    findings(std::string source, const check_input& input)
        : source_(std::move(source)), input_(input) {}

    bool wanted(std::string_view name) const {
        if (name == "connection") return true;
        if (input_.ignored.count("all") != 0 || input_.ignored.count(std::string(name)) != 0)
            return false;
        const auto& on_demand = extra_names();
        return std::find(on_demand.begin(), on_demand.end(), name) == on_demand.end() ||
               input_.extra.count(std::string(name)) != 0;
    }
    void problem(std::string_view name,
                 severity s,
                 std::string message,
                 std::string instruction = {},
                 std::optional<table_name> table = std::nullopt) {
        items_.push_back(check_item{std::string(name),
                                    s,
                                    false,
                                    source_,
                                    std::move(message),
                                    std::move(instruction),
                                    std::move(table)});
    }
    /// The last finding is about a rule that stands there.
    void place(const rule_place& at) {
        if (items_.empty() || at.line == 0) return;
        items_.back().place = to_string(at);
        items_.back().message += text_behind(at);
    }
    void warn(std::string_view name,
              std::string message,
              std::string instruction = {},
              std::optional<table_name> table = std::nullopt) {
        problem(
            name, severity::warning, std::move(message), std::move(instruction), std::move(table));
    }
    void fail(std::string_view name,
              std::string message,
              std::string instruction = {},
              std::optional<table_name> table = std::nullopt) {
        problem(
            name, severity::error, std::move(message), std::move(instruction), std::move(table));
    }
    /// A check that could not be made: a warning, except where the connection is gone.
    void could_not(std::string_view name, const error& e) {
        const bool lost = e.info().retry == retry_class::reconnect;
        problem(name,
                lost ? severity::error : severity::warning,
                "The check could not be made: " + e.message(),
                e.workaround());
    }
    /// Runs `body` under a name; a passed item where it found nothing.
    template <class F>
    void run(std::string_view name, const std::string& passed_message, F body) {
        if (!wanted(name)) return;
        timed([&] {
            const std::size_t before = items_.size();
            body();
            if (items_.size() == before) {
                items_.push_back(check_item{std::string(name),
                                            severity::error,
                                            true,
                                            source_,
                                            passed_message,
                                            {},
                                            std::nullopt});
            }
        });
    }
    /// Runs `body`; what it finds took the time that it took.
    template <class F>
    void timed(F body) {
        const std::size_t before = items_.size();
        const auto began = std::chrono::steady_clock::now();
        body();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        for (std::size_t i = before; i < items_.size(); ++i) items_[i].seconds += took.count();
    }
    std::vector<check_item>& items() noexcept { return items_; }
    const std::string& source() const noexcept { return source_; }

private:
    std::string source_;
    const check_input& input_;
    std::vector<check_item> items_;
};

/// Counts steps over all threads, tables among them as they become known.
class progress {
public:
    progress(const check_input& in, std::size_t total) : input_(in), total_(total) {}
    void expect(std::size_t more) {
        const std::lock_guard lock(mutex_);
        total_ += more;
    }
    void step(std::string_view name) {
        if (!input_.on_progress) return;
        const std::lock_guard lock(mutex_);
        input_.on_progress(name, ++done_, total_);
    }

private:
    const check_input& input_;
    std::mutex mutex_;
    std::size_t done_ = 0;
    std::size_t total_;
};

/// A server with everything that was asked of it once.
struct server {
    mysql::connect_options options;  ///< what further sessions connect with
    mysql::session session;
    mysql::server_facts facts;
    grant_set grants;
    std::string account;        ///< 'user'@'host', ready for GRANT
    std::optional<error> lost;  ///< why there is no connection
};

struct planned_table {
    table_pair names;
    dump::listed_table listed;
    std::optional<schema::table> definition{};
    std::string create_text{};
    std::optional<dump::source_table> described{};  ///< as the copy sees it
    bool merged = false;                            ///< other tables have the same target
    bool safe_mode = false;                         ///< of its source
    bool copy_replaces = false;                     ///< of its source
};

struct source_context {
    const check_input& input;
    const source_input& source;
    findings found;
    server at;
    std::vector<dump::listed_table> listed;
    std::vector<planned_table> tables;
    std::vector<rule_use> rules;
    bool connected = false;
    bool has_rules = false;  ///< `rules` is known

    source_context(const check_input& in, const source_input& s)
        : input(in), source(s), found(s.id, in) {}
    bool needs_binlog() const noexcept { return input.mode != task_mode::full; }
    bool needs_copy() const noexcept { return input.mode != task_mode::incremental; }
};

inline std::string quoted_account(std::string_view account) {
    const std::size_t at = account.rfind('@');
    return quoted_literal(account.substr(0, at)) + "@" +
           quoted_literal(at == std::string_view::npos ? "%" : account.substr(at + 1));
}

inline void read_grants(server& s) {
    auto who = s.session.query_value("SELECT CURRENT_USER()");
    if (who) s.account = quoted_account(who->value_or(""));
    std::string sql = "SHOW GRANTS";
    const bool mysql_roles = !s.facts.is_mariadb() && s.facts.version().at_least(8);
    if (mysql_roles) {
        auto roles = s.session.query_value("SELECT CURRENT_ROLE()");
        if (roles && *roles && !(*roles)->empty() && **roles != "NONE") {
            sql = "SHOW GRANTS FOR CURRENT_USER() USING " + **roles;
        }
    }
    auto lines = s.session.query(sql);
    if (!lines && mysql_roles) lines = s.session.query("SHOW GRANTS");
    if (!lines) {
        s.grants.make_unclear();
        return;
    }
    for (std::size_t i = 0; i < lines->size(); ++i)
        s.grants.add_line(lines->text(i, std::size_t{0}));
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
