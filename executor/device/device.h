// The device that a rank computes on.
#pragma once

#include <c10/core/Device.h>

#include "cost_models/named_values.h"

namespace galvatron {

enum class DeviceKind { cpu, cuda };

inline constexpr NamedValues<DeviceKind, 2> kDeviceKindNames{
    {{DeviceKind::cpu, "cpu"}, {DeviceKind::cuda, "cuda"}}};

// How many there are on this machine; 0 without a driver, or where the program is built for CPUs
// only.
int cuda_devices();

// Whether several ranks of a machine may have the same device.
enum class Sharing { own_device, shared };

// What products of fp32 matrices are made of on a GPU.
enum class Fp32Products { fp32, tf32 };

struct DeviceChoice {
  DeviceKind kind = DeviceKind::cpu;
  int local_rank = 0;  // among the ranks of this machine
  Sharing sharing = Sharing::own_device;
  Fp32Products products = Fp32Products::fp32;  // of a GPU
};

// Makes the rank's device the current one of this process and returns it.
// Throws ExecutorError (launch) if there is none for this rank.
c10::Device open_device(const DeviceChoice& choice);

// The device of that kind that open_device made current.
c10::Device current_device(DeviceKind kind);

// From now on, for the whole process. What it says of a CPU has no effect.
void use_fp32_products(Fp32Products products);

// Returns when everything that was started on the device is done.
void synchronize(c10::Device device);

}  // namespace galvatron
