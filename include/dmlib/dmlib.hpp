// The whole promised API, with what a coroutine that uses it needs of asio.
#pragma once

#include <dmlib/coordinator.hpp>
#include <dmlib/filter.hpp>
#include <dmlib/mapper.hpp>
#include <dmlib/router.hpp>
#include <dmlib/source.hpp>
#include <dmlib/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
