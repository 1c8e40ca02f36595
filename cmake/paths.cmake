# galvatron_paths: where the programs look for hardware_profiles, as definitions for the one source
# file that searches: first the source tree they were built from, then the installed data.
add_library(galvatron_paths INTERFACE)
target_compile_definitions(galvatron_paths INTERFACE
  GALVATRON_SOURCE_PROFILES="${PROJECT_SOURCE_DIR}/hardware_profiles"
  GALVATRON_INSTALLED_PROFILES="${CMAKE_INSTALL_FULL_DATADIR}/galvatron/hardware_profiles")
