// Hetu-Galvatron's strategy files as plans, and plans as strategy files.
#pragma once

#include <string>

namespace galvatron {

struct StrategyImport {
  std::string file;
  std::string model;     // config.json or model YAML
  std::string hardware;  // profile, by name or file: the plan is for all of its devices
  std::string output;
};

// By its keys.
bool is_galvatron_strategy(const std::string& file);

// Writes the plan, priced for our own executor. Throws UsageError where model or hardware is not
// given, SpecError for the files.
void import_strategy(const StrategyImport& what);

// Writes the strategy file of a plan. Throws UsageError at what such a file cannot say.
void export_strategy(const std::string& plan, const std::string& output);

}  // namespace galvatron
