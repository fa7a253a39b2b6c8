// Errors as values: what happened, where, why, and what to do now.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/core/detail/error_codes.hpp>

#include <boost/system/result.hpp>

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {

enum class error_scope : std::uint8_t { upstream, downstream, internal };
enum class error_level : std::uint8_t { low, medium, high };

/// What a task does when it meets the code. A property of the code, never of message text.
enum class retry_class : std::uint8_t {
    never,      ///< a person has to act first
    statement,  ///< run the same target transaction again on the same connection (deadlock, ...)
    reconnect,  ///< reconnect with back-off and go on from the checkpoint
};

/// One row of the table of errors (src/tables/errors.csv). Static storage.
struct error_info {
    errc code;
    std::string_view name;  ///< "sync-ddl-unparsed"
    std::string_view cls;   ///< "sync"
    error_scope scope;
    error_level level;
    retry_class retry;
    std::string_view message;     ///< the general sentence
    std::string_view workaround;  ///< the way out; never empty
};

/// The table's row for a code. Unknown numbers give the row of errc::internal_bug.
DMLIB_DECL const error_info& info_of(errc code) noexcept;

/// Where a fault happened; empty fields are not known.
struct error_place {
    std::string task;
    std::string source;
    std::string schema;  ///< of the source's table
    std::string table;
    std::string binlog_file;
    std::uint64_t binlog_pos = 0;
    std::string gtid;
    std::string statement;
    std::string file;  ///< of a configuration file
    int line = 0;      ///< 1-based, 0 = none
    int column = 0;
};

/// A fault. Cheap to move and copy (one shared pointer). Never holds a password or a row's secrets.
/// Thread safety: distinct objects may be used at once.
class error {
public:
    error() = default;
    DMLIB_DECL explicit error(errc code);
    /// `what` says what happened in this case; the table's sentence is used where it is empty.
    DMLIB_DECL error(errc code, std::string what);

    errc code() const noexcept { return code_; }
    const error_info& info() const noexcept { return info_of(code_); }
    DMLIB_DECL const std::string& message() const noexcept;
    DMLIB_DECL std::string workaround() const;
    DMLIB_DECL const error_place& place() const noexcept;
    /// Number the server gave (1062, ...); 0 where no server did.
    DMLIB_DECL int server_errno() const noexcept;
    /// Side of the fault: what the session said, else the table's scope of the code.
    DMLIB_DECL error_scope scope() const noexcept;

    /// Fluent additions; each returns *this.
    DMLIB_DECL error& workaround(std::string way_out);
    DMLIB_DECL error& server_errno(int number);
    DMLIB_DECL error& scope(error_scope side);
    DMLIB_DECL error& task(std::string name);
    DMLIB_DECL error& source(std::string id);
    DMLIB_DECL error& table(std::string schema, std::string table);
    DMLIB_DECL error& position(std::string file, std::uint64_t pos, std::string gtid = {});
    DMLIB_DECL error& statement(std::string text);
    DMLIB_DECL error& config_place(std::string file, int line, int column);

    /// One paragraph for people: name, place, message, way out.
    DMLIB_DECL std::string to_string() const;

private:
    struct data;
    DMLIB_DECL data& own();

    errc code_ = errc::internal_bug;
    std::shared_ptr<data> data_;
};

/// For tests and logs: error::to_string().
template <class Char, class Traits>
std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>& out,
                                             const error& e) {
    return out << e.to_string().c_str();
}

/// A value or a fault.
template <class T>
using result = boost::system::result<T, error>;

/// What `result::value()` throws; only the throwing overloads of the umbrella API let it out.
class exception : public std::runtime_error {
public:
    explicit exception(error e) : std::runtime_error(e.to_string()), error_(std::move(e)) {}
    const dmlib::error& get() const noexcept { return error_; }

private:
    dmlib::error error_;
};

[[noreturn]] inline void throw_exception_from_error(const error& e, const boost::source_location&) {
    throw exception(e);
}

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/core/impl/error.ipp>
#endif
