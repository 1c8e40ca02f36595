#include "planner/plan/hardware_yaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "cost_models/collectives.h"
#include "cost_models/hardware_fields.h"
#include "planner/plan/field_yaml.h"
#include "planner/plan/published_profile.h"

namespace galvatron {
namespace {

// {a: {b: value}} for the key a.b.
Node nested(std::string_view key, std::string_view value) {
  const std::size_t dot = key.find('.');
  MapEntry entry;
  entry.key = key.substr(0, dot);
  if (dot == std::string_view::npos) {
    entry.value.kind = Node::Kind::plain;
    entry.value.text = value;
  } else {
    entry.value = nested(key.substr(dot + 1), value);
  }
  Node map;
  map.kind = Node::Kind::map;
  map.entries.push_back(std::move(entry));
  return map;
}

template <typename T>
concept Struct = requires(T& object) {
  for_each_field(object, [](auto&&...) {});
};

// Appends to the origin of the innermost section on the way to `key`; false if none has one.
template <typename Object>
bool note_origin(Object& object, std::string_view key, const std::string& note) {
  bool noted = false;
  const std::string_view head = key.substr(0, key.find('.'));
  const std::string_view rest = head.size() < key.size() ? key.substr(head.size() + 1) : "";
  for_each_field(object, [&]<typename T>(std::string_view name, T& field) {
    if (name != head || noted) return;
    if constexpr (Struct<T>) {
      noted = note_origin(field, rest, note);
    } else if constexpr (requires { *field; }) {
      if constexpr (Struct<std::remove_reference_t<decltype(*field)>>) {
        noted = field && note_origin(*field, rest, note);
      }
    }
  });
  for_each_field(object, [&]<typename T>(std::string_view name, T& field) {
    if constexpr (std::is_same_v<T, std::string>) {
      if (name != "origin" || noted) return;
      field += field.empty() ? note : "; " + note;
      noted = true;
    }
  });
  return noted;
}

void check_tables(MapReader& reader, const Hardware& hardware) {
  if (!hardware.collectives) return;
  for (std::size_t i = 0; i < hardware.collectives->tables.size(); ++i) {
    const CollectiveTable& table = hardware.collectives->tables[i];
    const bool ascends =
        !table.payload.empty() &&
        std::is_sorted(table.payload.begin(), table.payload.end(), std::less_equal<>());
    if (ascends && covers(table.time, table.payload.size())) continue;
    reader.refuse("collectives",
                  fmt::format("tables[{}] must hold ascending payload_bytes and as many positive "
                              "times",
                              i));
  }
}

}  // namespace

std::vector<std::string> missing_keys(const Hardware& hardware) {
  std::vector<std::string> missing;
  const Device& device = hardware.device;
  if (hardware.name.empty()) missing.emplace_back("name");
  if (device.memory.value == 0) missing.emplace_back("device.memory_gib");
  if (hardware.published) {
    const std::vector<std::string> constants = missing_published_keys(hardware);
    missing.insert(missing.end(), constants.begin(), constants.end());
    return missing;
  }
  if (device.memory_rate.value == 0) missing.emplace_back("device.hbm_gb_per_s");
  const bool computes =
      std::any_of(kPrecisionNames.begin(), kPrecisionNames.end(),
                  [&](const auto& precision) { return computes_in(hardware, precision.first); });
  if (!computes) missing.emplace_back("device.peak_tflops and device.product of one precision");
  if (hardware.devices_per_node > 1 && !has_rate(hardware.intra_node)) {
    missing.emplace_back("intra_node.gb_per_s_per_device");
  }
  if (hardware.nodes > 1 && !has_rate(hardware.inter_node)) {
    missing.emplace_back("inter_node.gb_per_s_per_node");
  }
  return missing;
}

Hardware read_hardware(MapReader& reader) {
  Hardware hardware;
  read_fields(reader, hardware);
  check_tables(reader, hardware);
  reader.finish();
  return hardware;
}

Hardware read_hardware(const std::string& path) {
  const Document document = read_document(path, kPlanLimit);
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  Hardware hardware = read_hardware(reader);
  for (const std::string& key : missing_keys(hardware)) {
    if (errors.empty()) reader.refuse(key, "is missing");
  }
  errors.throw_if_any();
  return hardware;
}

void write_hardware(YamlWriter& out, const Hardware& hardware) { write_fields(out, hardware); }

Hardware set_hardware_key(Hardware hardware, std::string_view key, std::string_view value) {
  const Source source{.path = "--set", .text = fmt::format("{}={}", key, value)};
  const Node root = nested(key, value);
  ErrorList errors(source);
  MapReader reader(root, errors);
  read_fields(reader, hardware);
  reader.finish();
  try {
    errors.throw_if_any();
  } catch (const SpecError& error) {
    const Diagnostic& first = error.diagnostics().front();
    throw std::invalid_argument(first.hint.empty() ? first.message
                                                   : first.message + ": " + first.hint);
  }
  note_origin(hardware, key, fmt::format("{} set to {}", key, value));
  return hardware;
}

}  // namespace galvatron
