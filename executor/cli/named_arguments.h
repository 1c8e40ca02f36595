// Arguments that name one of a few things. All throw ExecutorError (usage) for another name.
#pragma once

#include <string>
#include <vector>

#include "cost_models/precision.h"
#include "executor/device/device.h"
#include "executor/train/rank_program.h"

namespace galvatron {

// --device; refuses GPUs where the program was built without them.
DeviceKind device_argument(const std::string& name);

// --transport; without a name NCCL between GPUs, else MPI.
Transport transport_argument(const std::string& name, DeviceKind device);

// --precision, of those that layers execute.
Precision precision_argument(const std::string& name);

// --precision, of products: without names those that training on the device may use, the usual one
// first.
std::vector<Precision> product_precisions(const std::vector<std::string>& names, DeviceKind device);

}  // namespace galvatron
