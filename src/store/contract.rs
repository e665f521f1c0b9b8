//! What every engine must do: one behavioural suite, run by each engine against itself.
//!
//! A function of this folder takes a fresh, empty store (the schema with its seeds, nothing
//! else) and asserts one behaviour. An engine runs all of them with [`run_contract`]; a function
//! that is missing from the list there is reported by the compiler as dead code.

mod world;

pub(crate) mod api_standards;
pub(crate) mod concurrency;
pub(crate) mod content;
pub(crate) mod definitions;
pub(crate) mod deletion;
pub(crate) mod deployment;
pub(crate) mod destruction;
pub(crate) mod drills;
pub(crate) mod embeddings;
pub(crate) mod instances;
pub(crate) mod keys;
pub(crate) mod model;
pub(crate) mod processes;
pub(crate) mod projects;
pub(crate) mod rotation;
pub(crate) mod scopes;
pub(crate) mod sharing;
pub(crate) mod users;
pub(crate) mod vectors;
pub(crate) mod witness;

/// Makes a test of every function of the suite. `$open` is an async function that returns a value
/// whose method `store()` gives a `&dyn Store`; the value lives as long as the test.
macro_rules! run_contract {
    ($open:path) => {
        $crate::store::contract::run_contract!(@modules $open;
            users {
                a_new_user_is_listed_and_shown,
                an_update_keeps_the_keys,
                creation_of_an_existing_user_is_a_conflict,
                an_address_belongs_to_one_user,
                keys_are_found_by_digest_until_they_expire,
                rotation_with_grace_keeps_the_old_key_for_a_while,
                rotation_without_grace_ends_the_old_key_at_once,
                a_disabled_user_is_known_as_such,
                users_are_listed_in_byte_order_with_underscores_last,
                a_user_shows_what_they_own_and_what_is_shared_with_them,
                deleting_a_user_deletes_what_they_own,
                a_user_whose_instance_others_use_cannot_be_deleted,
                the_system_account_cannot_be_changed,
                administrator_keys_are_counted_while_good,
            }
            api_standards {
                the_seeded_standards_are_there,
                a_standard_is_created_and_replaced,
                a_standard_in_use_cannot_be_deleted,
                an_unknown_standard_is_missing,
            }
            definitions {
                the_seeded_definitions_are_there,
                a_definition_is_created_and_replaced,
                empty_settings_are_not_set,
                a_definition_needs_its_owner_and_its_standard,
                a_list_holds_owned_shared_and_system_definitions_once,
                a_definition_is_found_within_the_scope,
                sharing_again_is_no_event,
                deleting_a_definition_unlinks_instances,
            }
            instances {
                an_instance_is_created_and_replaced,
                an_instance_needs_owner_definition_and_standard,
                a_provider_key_is_kept_replaced_and_removed,
                a_provider_key_is_sealed_for_the_id_of_its_row,
                a_sealer_that_fails_or_names_no_active_key_changes_nothing,
                an_instance_is_found_within_the_scope,
                a_list_holds_owned_and_shared_instances_once,
                an_instance_in_use_cannot_be_deleted,
                an_id_is_never_used_again,
                instance_shares_are_added_changed_and_taken_back,
            }
            projects {
                a_project_is_created_and_replaced,
                what_is_left_out_of_an_update_is_reset,
                a_project_needs_its_owner_and_its_sharees,
                a_project_may_use_instances_of_its_owner_only,
                a_list_holds_owned_and_shared_projects_once,
                a_project_shows_its_instance,
                the_settings_revision_grows_with_every_change,
                a_policy_is_read_set_and_kept,
                a_deleted_project_is_gone_with_its_embeddings,
                health_tells_what_does_not_fit,
                every_project_is_listed_with_its_policy,
                rows_that_do_not_follow_a_policy_are_counted,
            }
            sharing {
                project_shares_are_added_changed_and_taken_back,
                a_thousand_shares_are_listed_in_order,
                a_share_with_the_owner_is_nothing,
                a_transfer_moves_the_data,
                a_transfer_to_an_owner_of_that_handle_is_a_conflict,
                the_new_owner_keeps_the_instance,
            }
            scopes {
                a_private_project_is_read_by_those_it_is_shared_with,
                a_public_project_is_read_by_everybody,
                embeddings_are_changed_by_owner_editor_and_admin,
                roles_are_those_given,
            }
            embeddings {
                an_upload_is_read_back,
                an_update_merges_text_and_metadata,
                the_later_of_two_rows_of_one_id_wins,
                a_batch_is_stored_whole_or_not_at_all,
                a_batch_prepared_under_other_settings_is_refused,
                a_change_of_dimensions_refuses_older_batches,
                required_metadata_may_be_stored_already,
                odd_text_ids_are_kept_as_sent,
                a_list_is_in_byte_order_and_cut_into_pages,
                the_first_text_id_that_exists_is_taken,
                the_present_instance_goes_before_others,
                deletion_takes_every_row_of_an_id,
                all_embeddings_are_deleted_at_once,
                a_batch_of_every_size_is_stored,
            }
            content {
                what_is_sealed_is_stored_sealed_and_counted,
                metadata_are_merged_under_their_seal,
                a_kept_value_is_not_sealed_again,
                a_key_that_is_not_active_is_refused_and_nothing_is_stored,
                metadata_that_do_not_open_refuse_a_merge_and_nothing_else,
            }
            vectors {
                vectors_are_scanned_in_order_of_row_id,
                vectors_written_after_a_revision_are_found,
                metadata_are_read_by_row_id,
                revisions_grow_with_data_and_removals,
                a_project_is_told_to_have_more_rows_or_not,
            }
            deletion {
                a_deleted_project_is_in_no_list_and_in_no_count,
                a_deleted_project_takes_no_changes,
                the_handle_of_a_deleted_project_is_free,
                a_deleted_project_waits_for_its_destruction,
                a_project_comes_back_as_it_was,
                a_project_comes_back_under_another_handle_when_its_own_is_taken,
                an_instance_that_only_deleted_projects_use_can_be_deleted,
                a_buried_instance_comes_back_with_its_project,
                a_buried_instance_holds_neither_standard_nor_definition,
                a_user_goes_although_deleted_projects_use_their_instance,
            }
            destruction {
                the_keys_of_a_project_are_destroyed_and_remembered,
                a_live_project_is_out_of_service_with_its_key,
                the_rows_of_a_destroyed_project_go_in_batches,
                keys_of_projects_that_are_gone_are_destroyed_at_their_time,
                a_refused_event_destroys_nothing,
                an_undeletion_beside_its_destruction_is_before_or_after_it,
                deleted_bytes_are_scrubbed_as_far_as_the_engine_can,
            }
            witness {
                a_refused_event_undoes_the_change,
                the_mark_of_a_change_is_committed_with_it,
                a_commit_that_fails_is_told_to_the_witness,
                a_caller_who_goes_away_after_the_event_does_not_stop_the_commit,
                a_caller_who_goes_away_while_waiting_leaves_nothing,
                every_change_is_one_event,
            }
            keys {
                a_scope_has_one_active_data_key,
                a_pending_key_takes_the_place_of_the_active_one,
                data_keys_are_found_by_scope_and_by_id,
                a_data_key_is_retired_before_it_is_removed,
                only_a_pending_key_is_discarded,
            }
            deployment {
                the_database_answers,
                a_claim_is_replaced_until_it_is_completed,
                a_reset_leaves_the_seeds_and_the_keys,
                a_read_only_database_takes_no_changes,
            }
            processes {
                a_server_is_known_while_it_tells_of_itself,
                a_server_that_stopped_is_forgotten_with_those_long_gone,
                a_read_only_database_still_knows_its_servers,
                a_lease_is_one_holders_until_it_expires_or_is_given_back,
                a_lease_of_a_holder_who_is_gone_is_taken_over_once,
            }
            rotation {
                data_keys_are_rewrapped_at_once,
                a_server_without_the_new_master_key_blocks_the_rewrap,
                a_scope_has_one_rotation_under_way,
                the_new_key_of_a_deleted_project_is_destroyed_with_the_old_one,
                stored_rows_are_read_in_order_and_changed_if_they_are_as_they_were,
                nothing_is_resealed_under_another_key_or_policy,
                provider_keys_are_the_rows_of_the_system,
                sealings_of_projects_are_told_in_order,
                an_old_administrators_key_ends_with_its_grace,
            }
            drills {
                the_last_drill_that_passed_is_remembered,
            }
            concurrency {
                uploads_to_one_project_at_once_lose_nothing,
                an_upload_beside_a_change_of_the_settings_is_before_or_after_it,
                an_upload_beside_the_deletion_of_its_project_leaves_nothing,
                an_upload_beside_the_end_of_its_share_is_before_or_after_it,
                deletions_beside_uploads_count_what_they_removed,
                of_two_creations_of_one_user_one_wins,
                of_two_users_with_one_address_one_wins,
                of_two_active_data_keys_of_one_scope_one_is_kept,
                nothing_is_written_after_the_database_became_read_only,
            }
            model {
                sequences_of_changes_equal_a_map,
                sequences_of_sealed_changes_equal_a_map,
            }
        );
    };
    (@modules $open:path; $($module:ident { $($test:ident,)* })*) => {
        $(mod $module {
            $(#[tokio::test]
            async fn $test() {
                let opened = $open().await;
                $crate::store::contract::$module::$test(opened.store()).await;
            })*
        })*
    };
}
pub(crate) use run_contract;
