#include "executor/cli/named_arguments.h"

#include <fmt/format.h>

#include "executor/communication/nccl_communicator.h"
#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

Precision product_precision(const std::string& name, DeviceKind device) {
  const auto precision = value_of(kPrecisionNames, name);
  if (!precision || precision == Precision::fp8) {
    throw ExecutorError(ExitCode::usage,
                        fmt::format("--precision must be fp32, tf32, bf16 or fp16, got {}", name));
  }
  if (precision == Precision::tf32 && device == DeviceKind::cpu) {
    throw ExecutorError(ExitCode::usage, "--precision tf32 needs --device cuda");
  }
  return *precision;
}

}  // namespace

DeviceKind device_argument(const std::string& name) {
  const auto device = value_of(kDeviceKindNames, name);
  if (!device) {
    throw ExecutorError(ExitCode::usage, fmt::format("--device must be cpu or cuda, got {}", name));
  }
  if (device == DeviceKind::cuda && !has_nccl()) {
    throw ExecutorError(ExitCode::usage,
                        "--device must be cpu, got cuda: this program is built without CUDA "
                        "(CMake preset cuda)");
  }
  return *device;
}

Transport transport_argument(const std::string& name, DeviceKind device) {
  if (name.empty()) return device == DeviceKind::cuda ? Transport::nccl : Transport::mpi;
  const auto transport = value_of(kTransportNames, name);
  if (!transport) {
    throw ExecutorError(ExitCode::usage,
                        fmt::format("--transport must be mpi or nccl, got {}", name));
  }
  if (transport == Transport::nccl && device == DeviceKind::cpu) {
    throw ExecutorError(ExitCode::usage, "--transport nccl needs --device cuda");
  }
  return *transport;
}

Precision precision_argument(const std::string& name) {
  const auto precision = value_of(kPrecisionNames, name);
  if (precision == Precision::fp32 || precision == Precision::bf16) return *precision;
  throw ExecutorError(ExitCode::usage,
                      fmt::format("--precision must be fp32 or bf16, got {}", name));
}

std::vector<Precision> product_precisions(const std::vector<std::string>& names,
                                          DeviceKind device) {
  if (names.empty() && device == DeviceKind::cpu) return {Precision::fp32};
  if (names.empty()) return {Precision::bf16, Precision::fp16, Precision::tf32, Precision::fp32};
  std::vector<Precision> precisions;
  for (const std::string& name : names) precisions.push_back(product_precision(name, device));
  return precisions;
}

}  // namespace galvatron
