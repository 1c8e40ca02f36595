#include "executor/device/device.h"

#include <ATen/Context.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>

#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

using c10::impl::VirtualGuardImpl;

c10::Device open_cuda(const DeviceChoice& choice) {
  const int devices = cuda_devices();
  if (devices == 0) {
    throw ExecutorError(ExitCode::launch,
                        "no CUDA device here: expected a GPU and a driver for CUDA 13");
  }
  if (choice.local_rank >= devices && choice.sharing == Sharing::own_device) {
    throw ExecutorError(
        ExitCode::launch,
        fmt::format("this is rank {} of this machine, which has {} CUDA device{}: start one rank "
                    "per device, or let ranks share them with --transport mpi",
                    choice.local_rank, devices, devices == 1 ? "" : "s"));
  }
  at::globalContext().lazyInitDevice(at::kCUDA);
  const auto index = static_cast<c10::DeviceIndex>(choice.local_rank % devices);
  const c10::Device device(at::kCUDA, index);
  VirtualGuardImpl(at::kCUDA).setDevice(device);
  use_fp32_products(choice.products);
  return device;
}

}  // namespace

int cuda_devices() {
  return c10::impl::hasDeviceGuardImpl(at::kCUDA) ? VirtualGuardImpl(at::kCUDA).deviceCount() : 0;
}

c10::Device open_device(const DeviceChoice& choice) {
  return choice.kind == DeviceKind::cuda ? open_cuda(choice) : c10::Device(at::kCPU);
}

c10::Device current_device(DeviceKind kind) {
  return kind == DeviceKind::cpu ? c10::Device(at::kCPU) : VirtualGuardImpl(at::kCUDA).getDevice();
}

void use_fp32_products(Fp32Products products) {
  at::globalContext().setFloat32MatmulPrecision(products == Fp32Products::tf32 ? "high"
                                                                               : "highest");
}

void synchronize(c10::Device device) {
  if (device.is_cpu()) return;
  VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
}

}  // namespace galvatron
