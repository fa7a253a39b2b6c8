#include <dmlib/core/error.hpp>

int code_elsewhere(const dmlib::error& e) {
    return static_cast<int>(e.code());
}
