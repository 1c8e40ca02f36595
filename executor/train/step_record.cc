#include "executor/train/step_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace galvatron {

Bytes peak_memory(const StepRecord& record) {
  Bytes largest;
  for (const CategoryBytes& peak : record.stage_peaks) largest = std::max(largest, peak.total());
  return largest;
}

std::string text_line(const StepRecord& record, std::int64_t steps) {
  std::string line = fmt::format(
      "step {}/{}   loss {:.4f}   norm {:.3f}   rate {:.2e}   {:.3f} s   {:.4g} samples/s   "
      "{:.0f} tokens/s   {:.1f} MiB",
      record.step, steps, record.loss, record.grad_norm, record.learning_rate,
      record.duration.value, static_cast<double>(record.samples) / record.duration.value,
      static_cast<double>(record.tokens) / record.duration.value,
      static_cast<double>(peak_memory(record).value) / static_cast<double>(kMiB.value));
  if (record.utilization) line += fmt::format("   MFU {:.1f} %", 100 * *record.utilization);
  return line;
}

std::string json_line(const StepRecord& record) {
  nlohmann::ordered_json line;
  line["step"] = record.step;
  line["loss"] = record.loss;
  line["grad_norm"] = record.grad_norm;
  line["learning_rate"] = record.learning_rate;
  line["step_seconds"] = record.duration.value;
  line["samples_per_second"] = static_cast<double>(record.samples) / record.duration.value;
  line["tokens_per_second"] = static_cast<double>(record.tokens) / record.duration.value;
  if (record.utilization) line["model_flops_utilization"] = *record.utilization;
  line["peak_memory_bytes"] = peak_memory(record).value;
  line["stage_peak_memory_bytes"] = nlohmann::json::array();
  line["stage_peak_by_category_bytes"] = nlohmann::json::array();
  for (const CategoryBytes& peak : record.stage_peaks) {
    line["stage_peak_memory_bytes"].push_back(peak.total().value);
    nlohmann::ordered_json parts;
    for (const auto& [category, name] : kMemoryCategoryNames) {
      parts[std::string(name)] = peak[category].value;
    }
    line["stage_peak_by_category_bytes"].push_back(parts);
  }
  if (record.ledger_entries) line["ledger_entries"] = *record.ledger_entries;
  return line.dump();
}

}  // namespace galvatron
