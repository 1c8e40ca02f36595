#include "executor/layers/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace galvatron {

const at::Tensor& parameter(const BlockContext& context, std::string_view name) {
  for (std::size_t i = 0; i < context.layer.parameters.size(); ++i) {
    if (std::string_view(context.layer.parameters[i].name).ends_with(name)) {
      return context.parameters[i];
    }
  }
  throw std::logic_error(
      fmt::format("layer type {} has no parameter named ...{}", context.layer.type, name));
}

bool has_parameter(const BlockContext& context, std::string_view name) {
  return std::any_of(
      context.layer.parameters.begin(), context.layer.parameters.end(),
      [name](const Parameter& row) { return std::string_view(row.name).ends_with(name); });
}

TokenRange local_rows(const BlockContext& context) {
  const std::int64_t rows = context.samples * context.sequence_length;
  if (!context.strategy.sequence_parallel) return {.begin = 0, .end = rows};
  const std::int64_t held = rows / context.tensor_group.size();
  return {.begin = context.tensor_group.rank() * held,
          .end = (context.tensor_group.rank() + 1) * held};
}

}  // namespace galvatron
