#pragma once
// tool/registry.h — the tools, each made in its own file.

#include <memory>

#include "cairn/tools.h"

namespace cairn::tool {

namespace asio = boost::asio;

std::unique_ptr<Tool> make_calculator();
std::unique_ptr<Tool> make_python(const ToolOptions& options);
std::unique_ptr<Tool> make_sql(const ToolOptions& options);

}  // namespace cairn::tool
