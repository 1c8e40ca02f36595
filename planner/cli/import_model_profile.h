// Hetu-Galvatron's model profiles as ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace galvatron {

struct ModelProfileImport {
  std::vector<std::string> files;
  std::string model;      // config.json or model YAML
  std::string hardware;   // profile, by name or file, of the device that was measured; may be empty
  std::string precision;  // empty: as the files are named
  std::optional<std::int64_t> sequence;
  std::string output;
};

// Writes the profile, and to standard error what could not be taken over. Throws UsageError where
// an argument is missing or wrong, SpecError for the files.
void import_model_profile(const ModelProfileImport& what);

}  // namespace galvatron
