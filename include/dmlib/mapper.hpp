// One of the six promised headers: dmlib::mapper.
#pragma once

#include <dmlib/transform/mapper.hpp>
