import type { Logger, Metrics } from '@parley/backend-common';

/** Faults that were repaired or are retried, with the log line of each. */
const LOG_FAULTS = {
  conversation_read_failed: 'A conversation could not be read; it is read again',
  entry_refused_by_database: 'The database refused an entry',
  round_outcome_unknown: 'The outcome of a group commit is not known yet',
  forwarded_entries_unanswered:
    'Forwarded entries were not written in time; they are looked up and written here',
  membership_projection_failed: 'The members of a conversation could not be written',
  overdue_refusal_failed: 'Entries that have waited too long could not be refused yet',
  repeat_lookup_failed: 'The stored entry of a repeated request could not be looked up',
  delivery_open_failed: 'The position of conversations could not be read; it is read again',
  delivery_comparison_failed: 'Deliveries could not be compared with the log',
  members_entry_delivery_failed: 'Rooms could not be changed for a change of members',
  change_stream_failed: 'The change stream of entries failed; it is opened again',
  change_stream_history_lost:
    'MongoDB has not kept the changes since the last entry; every delivery is compared',
  node_check_failed: 'The running nodes could not be read; they are read again',
  gap_read_failed: 'Missing entries could not be read; they are read again',
  resync_notice_failed: 'Sockets could not be sent a resync; this is retried',
  socket_join_failed: 'A socket could not join the rooms of its conversations yet',
  conversation_join_failed: 'Sockets could not join the room of a conversation',
  new_member_view_failed: 'A conversation could not be shown to a new member',
  receipt_events_failed: 'Receipts were not sent',
  replay_aborted: 'A replay ended early; it resumes with the next connection',
  replay_preparation_failed: 'A replay could not be prepared; this is retried',
  replay_page_read_failed: 'A page of a replay could not be read; it is read again',
  cursor_read_failed: 'The cursor of a session could not be read; it is read again',
  head_changes_failed:
    'The changes since a comparison of heads could not be read; all heads are sent',
  cursor_write_failed: 'The cursor of a session was not written',
} as const;

/** Faults in background work, with the log line of each. */
const SERVICE_FAULTS = {
  handshake_failed: 'A handshake failed',
  cluster_message_unreadable: 'A message from another node could not be read',
  entries_event_unreadable: 'Entries from another node could not be read',
  forwarded_entries_unreadable: 'Entries that another node forwarded could not be read',
  forwarding_answer_unreadable: 'An answer about forwarded entries could not be read',
  presence_event_unreadable: 'A presence event of another node could not be handled',
  block_event_unreadable: 'A change of a block from another node could not be read',
  revocation_event_unreadable: 'A revocation of sessions could not be read',
  reconnect_comparison_failed: 'Deliveries could not be compared after Redis returned',
  contact_mark_failed: 'Contacts could not be stored; they are looked up again',
  presence_refresh_failed: 'The presence of a blocked pair was not refreshed',
  device_removal_failed: 'Devices of ended sessions were not removed',
  push_count_failed: 'Waiting pushes and devices could not be counted',
  push_scheduling_failed: 'Pushes were not scheduled; they are scheduled later',
  deletion_notice_failed: 'Notifications of deleted messages were not removed from devices',
  read_notice_failed: 'Notices of read messages were not sent to other devices',
  partner_event_mark_failed: 'Partner events were not marked as sent and will be sent again',
  partner_event_send_failed:
    'Partner events were not sent to every listener and will be sent again',
  status_expiry_failed: 'Expired statuses were not reset',
  attachment_not_marked_sent: 'An attachment was not marked as sent yet',
  attachment_sweep_failed: 'Attachments could not be removed yet',
  conversation_purge_failed: 'Groups without members could not be removed; they are removed later',
  account_removal_failed: 'A deleted account could not be removed yet; this is retried',
  engagement_not_recorded: 'Activity was not recorded yet; this is retried',
  engagement_roll_up_failed: 'Engagement was not counted; it is counted later',
  upload_not_removed: 'An upload that was copied could not be removed yet',
  thumbnail_failed: 'A thumbnail could not be made yet',
  imaging_not_loaded: 'The image library could not be loaded; the next image loads it again',
} as const;

/** Identifies a fault; the label `fault` of `parley_log_faults_total` and `parley_faults_total`. */
export type FaultName = keyof typeof LOG_FAULTS | keyof typeof SERVICE_FAULTS;

/** Counts and logs a fault that is not reported to a caller. Never throws. */
export type ReportFault = (fault: FaultName, error: unknown) => void;

/** Creates the fault reporter that all modules of a node share. */
export function createFaultReporter(metrics: Metrics, logger: Logger): ReportFault {
  const logFaults = metrics.counter(
    'parley_log_faults_total',
    'Faults that were repaired or are retried',
    { fault: Object.keys(LOG_FAULTS) },
  );
  const serviceFaults = metrics.counter('parley_faults_total', 'Faults in background work', {
    fault: Object.keys(SERVICE_FAULTS),
  });
  return (fault, error) => {
    if (isLogFault(fault)) {
      logFaults.inc({ fault });
      logger.warn({ err: error, fault }, LOG_FAULTS[fault]);
    } else {
      serviceFaults.inc({ fault });
      logger.error({ err: error, fault }, SERVICE_FAULTS[fault]);
    }
  };
}

function isLogFault(fault: FaultName): fault is keyof typeof LOG_FAULTS {
  return fault in LOG_FAULTS;
}
