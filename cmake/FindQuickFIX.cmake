# Debian's libquickfix-dev ships neither a CMake package nor a .pc file. Provides
# QuickFIX::quickfix.
find_path(QUICKFIX_INCLUDE_DIR quickfix/Message.h)
find_library(QUICKFIX_LIBRARY quickfix)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(QuickFIX REQUIRED_VARS QUICKFIX_LIBRARY QUICKFIX_INCLUDE_DIR)

if(QuickFIX_FOUND AND NOT TARGET QuickFIX::quickfix)
  add_library(QuickFIX::quickfix UNKNOWN IMPORTED)
  set_target_properties(QuickFIX::quickfix PROPERTIES
    IMPORTED_LOCATION ${QUICKFIX_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${QUICKFIX_INCLUDE_DIR})
endif()
mark_as_advanced(QUICKFIX_INCLUDE_DIR QUICKFIX_LIBRARY)
