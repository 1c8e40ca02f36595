// Reads and writes any struct of the model that has a for_each_field with Fields.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "planner/files/reader.h"
#include "planner/files/writer.h"
#include "planner/model/layer_fields.h"
#include "planner/model/layer_names.h"

namespace galvatron {

// As read_members below, and unknown keys are errors.
template <typename T>
void read_fields(MapReader& reader, T& value);
template <typename T>
void write_fields(YamlWriter& out, const T& value);

template <typename T>
void read_member(MapReader& reader, const Field& field, T& member) {
  if constexpr (std::is_enum_v<T>) {
    member = reader.optional(field.key, names_of(member)).value_or(member);
  } else {
    member = reader.optional<T>(field.key, field.range).value_or(member);
  }
}

template <typename T>
void read_member(MapReader& reader, const Field& field, std::optional<T>& member) {
  if (std::optional<MapReader> map = reader.optional_map(field.key)) {
    read_fields(*map, member.emplace());
  }
}

template <typename T>
void read_member(MapReader& reader, const Field& field, std::vector<T>& member) {
  if constexpr (std::is_arithmetic_v<T>) {
    member = reader.optional_list<T>(field.key, field.range).value_or(std::vector<T>{});
  } else {
    for (MapReader& map : reader.optional_maps(field.key)) read_fields(map, member.emplace_back());
  }
}

// What the map says, over what `value` says; errors for missing keys. The caller finishes the map.
template <typename T>
void read_members(MapReader& reader, T& value) {
  for_each_field(value, [&reader](const Field& field, auto& member) {
    if (field.presence == Presence::optional || reader.require(field.key)) {
      read_member(reader, field, member);
    }
  });
}

template <typename T>
void read_fields(MapReader& reader, T& value) {
  read_members(reader, value);
  reader.finish();
}

template <typename T>
void write_member(YamlWriter& out, const Field& field, const T& member) {
  if constexpr (std::is_enum_v<T>) {
    out.field(field.key, name_of(names_of(member), member));
  } else {
    out.field(field.key, member);
  }
}

template <typename T>
void write_member(YamlWriter& out, const Field& field, const std::optional<T>& member) {
  if (member) out.map(field.key, [&] { write_fields(out, *member); });
}

template <typename T>
void write_member(YamlWriter& out, const Field& field, const std::vector<T>& member) {
  if constexpr (std::is_arithmetic_v<T>) {
    out.flow(field.key, member);
  } else if (!member.empty()) {
    out.list(field.key, [&] {
      for (const T& each : member) out.item([&] { write_fields(out, each); });
    });
  }
}

template <typename T>
void write_fields(YamlWriter& out, const T& value) {
  for_each_field(
      value, [&out](const Field& field, const auto& member) { write_member(out, field, member); });
}

}  // namespace galvatron
