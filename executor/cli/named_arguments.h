// Arguments that name one of a few things. All throw ExecutorError (usage) for another name.
#pragma once

#include <string>

#include "cost_models/precision.h"
#include "executor/device/device.h"

namespace galvatron {

// --device
DeviceKind device_argument(const std::string& name);

// --precision, of those that layers execute.
Precision precision_argument(const std::string& name);

}  // namespace galvatron
