// One of the six promised headers: dmlib::router.
#pragma once

#include <dmlib/transform/router.hpp>
