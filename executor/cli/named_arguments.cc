#include "executor/cli/named_arguments.h"

#include <fmt/format.h>

#include "executor/launch/exit_code.h"

namespace galvatron {

DeviceKind device_argument(const std::string& name) {
  if (const auto device = value_of(kDeviceKindNames, name)) return *device;
  throw ExecutorError(ExitCode::usage, fmt::format("--device must be cpu or cuda, got {}", name));
}

Precision precision_argument(const std::string& name) {
  const auto precision = value_of(kPrecisionNames, name);
  if (precision == Precision::fp32 || precision == Precision::bf16) return *precision;
  throw ExecutorError(ExitCode::usage,
                      fmt::format("--precision must be fp32 or bf16, got {}", name));
}

}  // namespace galvatron
