// Finding a profile by its name.
#pragma once

#include <string>

namespace galvatron {

// The file that `name` means: itself, or NAME.yaml in the build's or the installed
// hardware_profiles. Throws UsageError, with the nearest known name, where there is none.
std::string find_hardware_profile(const std::string& name);

// The same for a runtime, looked for in `runtimes` beside the hardware profile first.
std::string find_runtime(const std::string& name, const std::string& hardware_path);

}  // namespace galvatron
