// Change data capture: typed transactions for a callback inside the host program.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/position.hpp>
#include <dmlib/model/value.hpp>
#include <dmlib/schema/table.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

enum class change_kind : std::uint8_t { insert, update, remove };

/// One changed row. Values stand in the order of `columns`; columns that the source's row images
/// leave out (binlog_row_image) are of kind absent; JSON is text; times of TIMESTAMP are UTC;
/// BINARY(n), INET4, INET6 and UUID have all their bytes.
struct row_change {
    change_kind kind = change_kind::insert;
    table_name source;
    table_name target;  ///< after routing
    std::shared_ptr<const std::vector<std::string>> columns;
    std::vector<value> before;  ///< update, remove
    std::vector<value> after;   ///< insert, update
};

/// A whole transaction of the source, or one DDL statement.
struct change_transaction {
    location begin;  ///< first event
    location end;    ///< behind it: what to store as acknowledged
    std::string gtid;
    std::uint32_t timestamp = 0;  ///< Unix seconds of the commit
    std::vector<row_change> rows;
    std::string ddl;     ///< text; rows is empty then
    std::string schema;  ///< the statement's default schema
};

/// Gets transactions in the source's order, one at a time, from a thread of the task. A value
/// acknowledges it: the next one comes, and `end` is where a later run should start. An error ends
/// the task with it, an exception with task_target_refused.
using change_handler = std::function<result<void>(const change_transaction&)>;

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
